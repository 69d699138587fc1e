import { toBlobId, type BlobId, type BlobStore } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import { DamagedBlobError, type BlobProblem } from '../blobs/checked-stream.ts'
import type { Database } from '../database/connections.ts'
import type { Reader } from '../database/reader.ts'
import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Log } from '../log.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'

const { sql } = Prisma

/** Content that is known to be damaged. `detail` says what is wrong, e.g. `its file is missing`. */
export type DamageMark = { sha256: string; problem: string; detail: string; foundAt: Date }

/** Which content is known to be damaged. All processes of a site share the marks: they are rows. */
export type DamageMarks = {
  /** The marks of these blobs. Asks the database only if there is any mark at all. */
  find: (ids: readonly string[]) => Promise<Map<string, DamageMark>>
  /** Marks content that a reader found damaged, soon, if it still is. Failures are logged. */
  note: (error: DamagedBlobError) => void
  /** Marks content. Returns whether it had no mark before. */
  add: (error: DamagedBlobError) => Promise<boolean>
  /** The content of these blobs is whole. */
  clear: (ids: readonly string[]) => Promise<void>
  /** Resolves when what was noted so far is written. */
  settled: () => Promise<void>
}

export function createDamageMarks(
  { db, writer, changes, log }: Pick<Database, 'db' | 'writer' | 'changes'> & { log: Pick<Log, 'error'> },
  store: Pick<BlobStore, 'open' | 'forget'>,
): DamageMarks {
  /** Whether there is any mark; null: to be read again. */
  let isAny: Promise<boolean> | null = null
  const forget = () => void (isAny = null)
  changes.on(['damage'], forget, { holdsAnswers: true })
  const noting = new Map<BlobId, Promise<void>>()

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

  async function add(error: DamagedBlobError): Promise<boolean> {
    const mark = { problem: error.problem, detail: error.found, foundAt: new Date() }
    // Most of the time it is known already: then nobody waits for a transaction.
    const known = await db.damagedBlob.findUnique({ where: { sha256: error.id } })
    if (known?.problem === mark.problem && known.detail === mark.detail) return false
    await writer.transact(['damage'], (tx) =>
      tx.damagedBlob.upsert({
        where: { sha256: error.id },
        create: { sha256: error.id, ...mark },
        update: mark,
      }),
    )
    return known === null
  }

  /** An upload may have replaced the file meanwhile, and a row may have a wrong length. */
  async function confirm(error: DamagedBlobError): Promise<void> {
    const found = await damageOf(store, error.id)
    if (!found) return
    const isNew = await add(error.problem === 'SIZE' ? error : found)
    if (isNew) log.error({ blob: error.id, problem: found.problem, found: found.found }, 'content is damaged')
  }

  return {
    add,

    async find(ids) {
      if (ids.length === 0 || !(await areAny())) return new Map()
      const found = new Map<string, DamageMark>()
      for (const slice of slicesOf([...new Set(ids)], parametersPerStatement))
        for (const mark of await db.damagedBlob.findMany({ where: { sha256: { in: slice } } }))
          found.set(mark.sha256, mark)
      return found
    },

    note(error) {
      if (noting.has(error.id)) return
      const done = confirm(error)
        .catch((failure: unknown) => log.error({ err: failure, blob: error.id }, 'damage not marked'))
        .finally(() => noting.delete(error.id))
      noting.set(error.id, done)
    },

    async clear(ids) {
      for (const slice of slicesOf(ids, parametersPerStatement))
        await writer.transact(['damage'], (tx) =>
          tx.damagedBlob.deleteMany({ where: { sha256: { in: slice } } }),
        )
    },

    async settled() {
      await Promise.all(noting.values())
    },
  }
}

/** The error that a reader of marked content gets. */
export function errorOfMark({ sha256, problem, detail }: DamageMark): DamagedBlobError {
  return new DamagedBlobError(toBlobId(sha256), problem as BlobProblem, detail)
}

const marksPerPage = 500

/** All marks, in the order of their hashes, in constant memory. */
export async function* listMarks(db: Reader): AsyncGenerator<DamageMark, void, void> {
  let after: string | null = null
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
