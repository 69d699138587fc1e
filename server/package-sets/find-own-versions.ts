import { Prisma } from '../generated/prisma/client.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId } from '../ids.ts'
import { opamEcosystem } from './store-components.ts'

const { sql, join } = Prisma

/**
 * The version of the package that is named like the job `job`, in the opam switch of a build. Both are columns, `opamSwitch` that of its hash. Null: there is no such
 * package, or its switch has not been read.
 */
export const ownVersion = (job: Prisma.Sql, opamSwitch: Prisma.Sql): Prisma.Sql =>
  sql`(SELECT v.version FROM "PackageSet" t JOIN "PackageSetEntry" e ON e."setId" = t.id JOIN "PackageVersion" v ON v.id = e."packageVersionId"
    WHERE t.sha256 = ${opamSwitch} AND v.ecosystem = ${opamEcosystem} AND v.name = ${job} AND e."identifiedBy" = 'S' LIMIT 1)`

/** What builds are versions of: builds without a version are absent. One statement for all of them. */
export async function findOwnVersions(
  db: Reader,
  buildIds: readonly BuildId[],
): Promise<Map<BuildId, string>> {
  const rows = await db.$queryRaw<{ id: BuildId; version: string | null }[]>(
    sql`SELECT b.id, ${ownVersion(sql`j.name`, sql`b."opamSwitchSha256"`)} AS version
      FROM "Build" b JOIN "Job" j ON j.id = b."jobId" WHERE b.id IN (${join([...buildIds])})`,
  )
  return new Map(rows.flatMap(({ id, version }) => (version === null ? [] : [[id, version] as const])))
}
