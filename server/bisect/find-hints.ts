import type { Reader } from '../database/reader.ts'
import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { JobId } from '../ids.ts'
import { opamEcosystem } from '../package-sets/store-components.ts'
import { findJobsWith } from '../package-sets/find-uses.ts'
import { inputKey, type InputChange } from './build-inputs.ts'

const { sql, join } = Prisma

/** What the console of a failed build tells of the reason. Null: nothing, or it has not been read yet. */
export async function findExcerpt(
  db: Reader,
  { consoleSha256 }: { consoleSha256: string },
): Promise<string | null> {
  const [row] = await db.$queryRaw<{ reason: string | null; lines: string }[]>(
    sql`SELECT reason, lines FROM "FailureExcerpt" WHERE "consoleSha256" = ${hash(consoleSha256)}`,
  )
  return row ? `${row.reason ?? ''}\n${row.lines}` : null
}

/** More are not looked up: nothing tells so many apart. */
const maxPackages = 200

/** How many other jobs are built with the new version of a package now, by `inputKey`. Two statements at most. */
export async function findBuiltElsewhere(
  db: Reader,
  jobId: JobId,
  changes: readonly InputChange[],
): Promise<Map<string, number>> {
  const packages = changes
    .filter(({ kind, right }) => kind === 'PACKAGE' && right !== null)
    .slice(0, maxPackages)
  if (packages.length === 0) return new Map()
  const pairs = packages.map(({ name, right }) => sql`(${name}, ${right})`)
  const versions = await db.$queryRaw<{ id: number; name: string }[]>(
    sql`SELECT id, name FROM "PackageVersion"
      WHERE ecosystem = ${opamEcosystem} AND (name, version) IN (VALUES ${join(pairs)})`,
  )
  if (versions.length === 0) return new Map()
  const uses = await findJobsWith(
    db,
    versions.map(({ id }) => id),
  )
  return new Map(
    versions.map(({ id, name }) => {
      const jobs = uses.filter((use) => use.versionId === id && use.jobId !== jobId)
      return [inputKey({ kind: 'PACKAGE', name }), new Set(jobs.map((use) => use.jobId)).size]
    }),
  )
}
