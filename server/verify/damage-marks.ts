import { toBlobId, type BlobId, type BlobStore } from '../blobs/blob-store.ts'
import { damageOf, type Damage } from '../blobs/damage-of.ts'
import { DamagedBlobError, type BlobProblem } from '../blobs/checked-stream.ts'
import type { Database } from '../database/connections.ts'
import type { Reader } from '../database/reader.ts'
import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Log } from '../log.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import { findInBuilds, findReferences, readReferenceMark } from '../storage/find-references.ts'

const { sql } = Prisma

/** Content that is known to be damaged. `detail` says what is wrong, e.g. `its file is missing`. */
export type DamageMark = { sha256: string; problem: string; detail: string; foundAt: Date }

/** Which content is known to be damaged. All processes of a site share the marks: they are rows. */
export type DamageMarks = {
  /** The marks of these blobs. Asks the database only if there is any mark at all. */
  find: (ids: readonly string[]) => Promise<Map<string, DamageMark>>
  /** Marks content that a reader found damaged, soon, if it still is, and a row refers to it. Failures are logged. */
  note: (error: DamagedBlobError) => void
  /** Marks content, unless its file was replaced since it was read. A row has to refer to it: see `note`. */
  add: (damage: Damage) => Promise<Marked>
  /** The content of these blobs is whole. */
  clear: (ids: readonly string[]) => Promise<void>
  /** As `clear`, soon: for callers in a transaction, which nobody may wait for in it. Failures are logged. */
  clearSoon: (ids: readonly BlobId[]) => void
  /** Resolves when what was noted so far is written. */
  settled: () => Promise<void>
}

/** NEW: it had no mark. KNOWN: it had one. REPLACED: it is not the content that was read, and was not marked. */
export type Marked = 'NEW' | 'KNOWN' | 'REPLACED'

export function createDamageMarks(
  { db, writer, changes, log }: Pick<Database, 'db' | 'writer' | 'changes'> & { log: Pick<Log, 'error'> },
  store: Pick<BlobStore, 'open' | 'stateOf' | 'forget'>,
): DamageMarks {
  /** Whether there is any mark; null: to be read again. */
  let isAny: Promise<boolean> | null = null
  const forget = () => void (isAny = null)
  changes.on(['damage'], forget, { holdsAnswers: true })
  const noting = new Map<BlobId, Promise<void>>()
  const clearing = new Set<Promise<void>>()

  async function areAny(): Promise<boolean> {
    await changes.look()
    const reading = (isAny ??= db.damagedBlob
      .findFirst({ select: { sha256: true } })
      .then((found) => found !== null))
    return reading.catch((error: unknown) => {
      if (isAny === reading) forget()
      throw error
    })
  }

  const isReplaced = async ({ id, state }: Damage) => (await store.stateOf(id)) !== state

  async function add(damage: Damage): Promise<Marked> {
    const { id: sha256, problem, found: detail } = damage
    const mark = { problem, detail, foundAt: new Date() }
    // Most of the time it is known already: then nobody waits for a transaction.
    const known = await db.damagedBlob.findUnique({ where: { sha256 } })
    if (known?.problem === problem && known.detail === detail) return 'KNOWN'
    const isMarked = await writer.transact(['damage'], async (tx) => {
      // An upload may have replaced it while this waited for the lock.
      if (await isReplaced(damage)) return false
      await tx.damagedBlob.upsert({ where: { sha256 }, create: { sha256, ...mark }, update: mark })
      return true
    })
    if (!isMarked) return 'REPLACED'
    // Again: an upload replaces content without the lock, and looks for marks after that. If it did both within the
    // transaction, it has found none.
    if (await isReplaced(damage)) {
      await writer.transact(['damage'], (tx) =>
        tx.damagedBlob.deleteMany({ where: { sha256, foundAt: mark.foundAt } }),
      )
      return 'REPLACED'
    }
    return known === null ? 'NEW' : 'KNOWN'
  }

  /**
   * An upload may have replaced the file meanwhile, and a row may have a wrong length. Without a reference it was removed
   * while it was read. Asked after the file was found missing: collectors delete files that have no reference any more.
   */
  async function confirm({ id, problem, found: detail }: DamagedBlobError): Promise<void> {
    const found = await damageOf(store, id)
    if (!found || !(await isReferredTo(id))) return
    const damage = problem === 'SIZE' ? { ...found, problem, found: detail } : found
    if ((await add(damage)) === 'NEW')
      log.error({ blob: id, problem: damage.problem, found: damage.found }, 'content is damaged')
  }

  /** Artifacts and results are found by their index. Only for other content all builds are read, some at a time. */
  async function isReferredTo(id: BlobId): Promise<boolean> {
    const mark = await readReferenceMark(db)
    const found = await findReferences(db, [id], mark)
    return found.has(id) || (await findInBuilds(db, [id], mark)).has(id)
  }

  async function find(ids: readonly string[]): Promise<Map<string, DamageMark>> {
    if (ids.length === 0 || !(await areAny())) return new Map()
    const found = new Map<string, DamageMark>()
    for (const slice of slicesOf([...new Set(ids)], parametersPerStatement))
      for (const mark of await db.damagedBlob.findMany({ where: { sha256: { in: slice } } }))
        found.set(mark.sha256, mark)
    return found
  }

  async function clear(ids: readonly string[]): Promise<void> {
    for (const slice of slicesOf(ids, parametersPerStatement))
      await writer.transact(['damage'], (tx) =>
        tx.damagedBlob.deleteMany({ where: { sha256: { in: slice } } }),
      )
  }

  return {
    ...{ add, find, clear },

    note(error) {
      if (noting.has(error.id)) return
      const done = confirm(error)
        .catch((failure: unknown) => log.error({ err: failure, blob: error.id }, 'damage not marked'))
        .finally(() => noting.delete(error.id))
      noting.set(error.id, done)
    },

    clearSoon(ids) {
      const done = find(ids)
        .then((marked) => clear([...marked.keys()]))
        .catch((failure: unknown) => log.error({ err: failure, blobs: ids }, 'marks not removed'))
        .finally(() => clearing.delete(done))
      clearing.add(done)
    },

    async settled() {
      await Promise.all([...noting.values(), ...clearing])
    },
  }
}

/** The error that a reader of marked content gets. */
export function errorOfMark({ sha256, problem, detail }: DamageMark): DamagedBlobError {
  return new DamagedBlobError(toBlobId(sha256), problem as BlobProblem, detail)
}

const marksPerPage = 500

/** All marks, or those after a hash, in the order of their hashes, in constant memory. */
export async function* listMarks(
  db: Reader,
  afterHash: string | null = null,
): AsyncGenerator<DamageMark, void, void> {
  let after = afterHash
  for (;;) {
    const isAfter: Prisma.Sql = after === null ? sql`1 = 1` : sql`sha256 > ${hash(after)}`
    // Raw SQL: Prisma cannot compare bytes, and its cursor is a row, which the reader of the list may have deleted.
    const keys: { sha256: string }[] = await db.$queryRaw(
      sql`SELECT sha256 FROM "DamagedBlob" WHERE ${isAfter} ORDER BY sha256 LIMIT ${marksPerPage}`,
    )
    yield* await db.damagedBlob.findMany({
      where: { sha256: { in: keys.map(({ sha256 }) => sha256) } },
      orderBy: { sha256: 'asc' },
    })
    after = keys.at(-1)?.sha256 ?? null
    if (keys.length < marksPerPage) return
  }
}
