import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { isAffected } from '../formats/osv/is-affected.ts'
import { opamEcosystem, type NewVersion, type StoredSet } from '../package-sets/store-components.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import { readContent } from './advisory-content.ts'

const { sql, join } = Prisma
const rowsPerStatement = 2_000

/** Finds what advisories say of a set that was just written, in the same transaction. */
export async function matchNewSet(tx: Transaction, { setId, newVersions }: StoredSet): Promise<void> {
  await matchNewVersions(tx, newVersions)
  await tx.$executeRaw(sql`DELETE FROM "AdvisoryMatch" WHERE "setId" = ${setId}`)
  await tx.$executeRaw(
    sql`INSERT INTO "AdvisoryMatch" ("setId", "advisoryId", "packageVersionId")
      SELECT e."setId", v."advisoryId", e."packageVersionId" FROM "PackageSetEntry" e
      JOIN "AdvisoryVersion" v ON v."packageVersionId" = e."packageVersionId" WHERE e."setId" = ${setId}`,
  )
}

/** Versions that the site sees for the first time are compared with the advisories of their packages. */
async function matchNewVersions(tx: Transaction, newVersions: readonly NewVersion[]): Promise<void> {
  for (const slice of slicesOf(newVersions, parametersPerStatement)) {
    const advisories = await tx.$queryRaw<{ id: string; content: string }[]>(
      sql`SELECT id, content FROM "Advisory" WHERE "withdrawnAt" IS NULL AND id IN (
        SELECT p."advisoryId" FROM "AdvisoryPackage" p
        WHERE p.ecosystem = ${opamEcosystem} AND p.name IN (${join(slice.map(({ name }) => name))}))`,
    )
    for (const { id, content } of advisories) await putVersions(tx, id, content, slice)
  }
}

/** Writes which of these versions an advisory is about. */
async function putVersions(
  tx: Transaction,
  id: string,
  content: string,
  versions: readonly NewVersion[],
): Promise<void> {
  const { affected } = readContent(content)
  const hit = versions.filter(({ name, version }) =>
    affected.some((one) => one.ecosystem === opamEcosystem && one.name === name && isAffected(one, version)),
  )
  for (const slice of slicesOf(hit, rowsPerStatement)) {
    const rows = slice.map((one) => sql`(${id}, ${one.id})`)
    await tx.$executeRaw(
      sql`INSERT INTO "AdvisoryVersion" ("advisoryId", "packageVersionId") VALUES ${join(rows)} ON CONFLICT DO NOTHING`,
    )
  }
}

/** Finds the sets that an advisory is about, anew: after it was imported or changed. `isWithdrawn`: there are none any more. */
export async function matchAdvisory(
  tx: Transaction,
  { id, content, isWithdrawn }: { id: string; content: string; isWithdrawn: boolean },
): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM "AdvisoryMatch" WHERE "advisoryId" = ${id}`)
  await tx.$executeRaw(sql`DELETE FROM "AdvisoryVersion" WHERE "advisoryId" = ${id}`)
  if (isWithdrawn) return
  const names = [...new Set(readContent(content).affected.map(({ name }) => name))]
  for (const slice of slicesOf(names, parametersPerStatement)) {
    const versions = await tx.$queryRaw<NewVersion[]>(
      sql`SELECT id, name, version FROM "PackageVersion"
        WHERE ecosystem = ${opamEcosystem} AND name IN (${join(slice)})`,
    )
    await putVersions(tx, id, content, versions)
  }
  await tx.$executeRaw(
    sql`INSERT INTO "AdvisoryMatch" ("setId", "advisoryId", "packageVersionId")
      SELECT e."setId", v."advisoryId", e."packageVersionId" FROM "AdvisoryVersion" v
      JOIN "PackageSetEntry" e ON e."packageVersionId" = v."packageVersionId" WHERE v."advisoryId" = ${id}`,
  )
}
