import { hash } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { enqueue } from '../runner/enqueue.ts'
import { slicesOf } from '../slices.ts'
import { printHash, type ComponentList } from './component-list.ts'
import { storedIdentity, type EntryIdentity } from './entry-identity.ts'
import { findOrigins } from './find-origins.ts'
import { identifySource, type Identity } from './identify-source.ts'

const { sql, join } = Prisma

/** What was written, for those who look into sets: advisories. */
export type StoredSet = { setId: number; newVersions: NewVersion[] }
export type NewVersion = { id: number; name: string; version: string }

type Entry = { name: string; version: string; identifiedBy: EntryIdentity; isRequired: boolean }

export const opamEcosystem = 'opam'
/** Five parameters each at most, of the 32,766 that SQLite takes. */
const rowsPerStatement = 2_000

/**
 * Writes the packages of an `opam-switch` as a set, in the transaction of its analysis. Replaces what an earlier analysis gave. The switch may explain
 * sources that other sets vendor: their analyses run again.
 */
export async function storeComponents(
  tx: Transaction,
  switchSha256: string,
  list: ComponentList,
  now: Date,
): Promise<StoredSet> {
  const origins = await findOrigins(
    tx,
    list.vendored.flatMap(({ hashes }) => hashes.map(printHash)),
  )
  const identities = list.vendored.map((source) =>
    identifySource(
      source,
      source.hashes.flatMap((one) => origins.get(printHash(one)) ?? []),
    ),
  )
  const entries = entriesOf(list, identities)
  const setId = await putSet(tx, switchSha256, {
    componentCount: list.installed.length + list.vendored.length,
    unidentifiedCount: identities.filter(({ by }) => by === 'NOTHING').length,
  })
  const { ids, newVersions } = await putVersions(tx, entries)
  await putEntries(tx, setId, entries, ids)
  const explained = await putOrigins(tx, list, ids)
  await putUnexplained(tx, setId, list, identities)
  await identifyAgain(tx, explained, setId, now)
  return { setId, newVersions }
}

const keyOf = ({ name, version }: { name: string; version: string }) => `${name}\0${version}`

/** What is vendored is what the root is made of, though the switch may have the same for its tools. */
function entriesOf({ installed, vendored }: ComponentList, identities: readonly Identity[]): Entry[] {
  const entries = new Map<string, Entry>()
  for (const { name, version, isRequired } of installed)
    entries.set(keyOf({ name, version }), { name, version, identifiedBy: 'SWITCH', isRequired })
  vendored.forEach((_, index) => {
    const { by, packages } = identities[index] ?? { by: 'NOTHING' as const, packages: [] }
    if (by === 'NOTHING') return
    for (const one of packages) entries.set(keyOf(one), { ...one, identifiedBy: by, isRequired: true })
  })
  return [...entries.values()]
}

async function putSet(
  tx: Transaction,
  sha256: string,
  { componentCount, unidentifiedCount }: { componentCount: number; unidentifiedCount: number },
): Promise<number> {
  const [row] = await tx.$queryRaw<{ id: number }[]>(
    sql`INSERT INTO "PackageSet" (sha256, source, "componentCount", "unidentifiedCount")
      VALUES (${hash(sha256)}, 'OPAM_SWITCH', ${componentCount}, ${unidentifiedCount})
      ON CONFLICT (sha256) DO UPDATE SET "componentCount" = excluded."componentCount",
        "unidentifiedCount" = excluded."unidentifiedCount" RETURNING id`,
  )
  if (!row) throw new Error(`the set ${sha256} was not written`)
  return row.id
}

async function putVersions(tx: Transaction, entries: readonly Entry[]) {
  const ids = new Map<string, number>()
  const newVersions: NewVersion[] = []
  for (const slice of slicesOf(entries, rowsPerStatement)) {
    const rows = slice.map(({ name, version }) => sql`(${opamEcosystem}, ${name}, ${version})`)
    newVersions.push(
      ...(await tx.$queryRaw<NewVersion[]>(
        sql`INSERT INTO "PackageVersion" (ecosystem, name, version) VALUES ${join(rows)}
          ON CONFLICT DO NOTHING RETURNING id, name, version`,
      )),
    )
    const pairs = slice.map(({ name, version }) => sql`(${name}, ${version})`)
    const known = await tx.$queryRaw<NewVersion[]>(
      sql`SELECT id, name, version FROM "PackageVersion"
        WHERE ecosystem = ${opamEcosystem} AND (name, version) IN (VALUES ${join(pairs)})`,
    )
    for (const one of known) ids.set(keyOf(one), one.id)
  }
  return { ids, newVersions }
}

async function putEntries(
  tx: Transaction,
  setId: number,
  entries: readonly Entry[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM "PackageSetEntry" WHERE "setId" = ${setId}`)
  for (const slice of slicesOf(entries, rowsPerStatement)) {
    const rows = slice.map(
      (entry) =>
        sql`(${setId}, ${ids.get(keyOf(entry))}, ${storedIdentity(entry.identifiedBy)}, ${entry.isRequired})`,
    )
    await tx.$executeRaw(
      sql`INSERT INTO "PackageSetEntry" ("setId", "packageVersionId", "identifiedBy", "isRequired") VALUES ${join(rows)}`,
    )
  }
}

/** Returns the checksums that were not known before. */
async function putOrigins(
  tx: Transaction,
  { installed }: ComponentList,
  ids: ReadonlyMap<string, number>,
): Promise<string[]> {
  const pairs = installed.flatMap((one) => {
    const id = ids.get(keyOf(one))
    return id === undefined ? [] : one.hashes.map((it) => [printHash(it), id] as const)
  })
  const added = new Set<string>()
  for (const slice of slicesOf(pairs, rowsPerStatement)) {
    const rows = slice.map(([checksum, id]) => sql`(${checksum}, ${id})`)
    const found = await tx.$queryRaw<{ checksum: string }[]>(
      sql`INSERT INTO "SourceOrigin" (checksum, "packageVersionId") VALUES ${join(rows)}
        ON CONFLICT DO NOTHING RETURNING checksum`,
    )
    for (const { checksum } of found) added.add(checksum)
  }
  return [...added]
}

async function putUnexplained(
  tx: Transaction,
  setId: number,
  { vendored }: ComponentList,
  identities: readonly Identity[],
): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM "PackageSetSource" WHERE "setId" = ${setId}`)
  const checksums = new Set(
    vendored.flatMap(({ hashes }, index) =>
      identities[index]?.by === 'CHECKSUM' ? [] : hashes.map(printHash),
    ),
  )
  for (const slice of slicesOf([...checksums], rowsPerStatement)) {
    const rows = slice.map((checksum) => sql`(${setId}, ${checksum})`)
    await tx.$executeRaw(sql`INSERT INTO "PackageSetSource" ("setId", checksum) VALUES ${join(rows)}`)
  }
}

/** Sets that vendor a source which has just been explained are read again. */
async function identifyAgain(
  tx: Transaction,
  explained: readonly string[],
  setId: number,
  now: Date,
): Promise<void> {
  for (const slice of slicesOf(explained, rowsPerStatement)) {
    const sets = await tx.$queryRaw<{ sha256: string }[]>(
      sql`SELECT DISTINCT s.sha256 FROM "PackageSetSource" v JOIN "PackageSet" s ON s.id = v."setId"
        WHERE v.checksum IN (${join(slice)}) AND v."setId" <> ${setId}`,
    )
    await enqueue(
      tx,
      sets.map(({ sha256 }) => ({ kind: 'COMPONENTS', key: sha256, ifKnown: 'runAgain' })),
      now,
    )
  }
}
