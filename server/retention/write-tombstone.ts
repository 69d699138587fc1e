import { verdictOf, type Verdict } from '../builds/verdict.ts'
import { hash, integer, timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import type { StoredBuild } from '../facts/build-facts.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { TombstoneId } from '../ids.ts'
import { reasonOf, type Removal } from './removal.ts'

const { sql } = Prisma

/**
 * Writes what is still answered for a build that is about to be removed: its facts, and the hashes of its artifacts. Three
 * statements, whatever the number of artifacts. Raw SQL: rows are copied within the database.
 */
export async function writeTombstone(
  tx: Transaction,
  build: StoredBuild,
  { reason, removedAt }: Removal,
): Promise<void> {
  const { verdict, reproducedCount } = await sumUp(tx, build)
  const [written] = await tx.$queryRaw<{ id: TombstoneId }[]>(
    sql`INSERT INTO "Tombstone" (uuid, job, platform, "startedAt", "finishedAt", "receivedAt", status, "inputId",
        "mainBinaryPath", "mainBinarySha256", "mainBinarySizeBytes", verdict, "reproducedCount", "removedAt", reason)
      SELECT b.uuid, j.name, p.name, b."startedAt", b."finishedAt", b."receivedAt", b.status, b."inputId",
        b."mainBinaryPath", b."mainBinarySha256", b."mainBinarySizeBytes", ${verdict}, ${integer(reproducedCount)},
        ${timestamp(removedAt)}, ${reasonOf(reason)}
      FROM "Build" b JOIN "Job" j ON j.id = b."jobId" JOIN "Platform" p ON p.id = b."platformId"
      WHERE b.id = ${build.id} RETURNING id`,
  )
  if (!written) throw new Error(`build ${build.id} has no row to make a tombstone of`)
  await tx.$executeRaw(
    sql`INSERT INTO "TombstoneArtifact" (sha256, "startedAt", "tombstoneId")
      SELECT DISTINCT a.sha256, a."startedAt", t.id FROM "Artifact" a, "Tombstone" t
      WHERE a."buildId" = ${build.id} AND t.id = ${written.id}`,
  )
}

type Known = {
  /** Builds with the same main binary that are stored, this one included. */
  storedCount: number | bigint | null
  /** What the tombstone of the last one that was removed says. */
  earlierCount: number | bigint | null
  /** Main binaries of removed builds with the same input: the first and the last by hash. */
  least: string | null
  greatest: string | null
}

/**
 * The verdict on a build, and how many other builds have had its main binary (at least), when builds that were removed
 * before count, too. So the order in which builds are removed does not matter. Each part is a look-up in an index.
 */
async function sumUp(
  tx: Transaction,
  { inputId, output, verdict }: StoredBuild,
): Promise<{ verdict: Verdict; reproducedCount: number }> {
  if (!output) return { verdict, reproducedCount: 0 }
  const { sha256 } = output
  const ofInput = sql`FROM "Tombstone" t WHERE t."inputId" = ${hash(inputId)} AND t."mainBinarySha256" IS NOT NULL
    ORDER BY t."mainBinarySha256"`
  const [known] = await tx.$queryRaw<Known[]>(
    sql`SELECT (SELECT o."buildCount" FROM "Output" o WHERE o.sha256 = ${hash(sha256)}) AS "storedCount",
      (SELECT t."reproducedCount" FROM "Tombstone" t WHERE t."mainBinarySha256" = ${hash(sha256)}
        ORDER BY t.id DESC LIMIT 1) AS "earlierCount",
      (SELECT t."mainBinarySha256" ${ofInput} ASC LIMIT 1) AS least,
      (SELECT t."mainBinarySha256" ${ofInput} DESC LIMIT 1) AS greatest`,
  )
  if (!known) throw new Error('a SELECT without FROM gave no row')
  const { least, greatest, storedCount, earlierCount } = known
  const others = Math.max(0, Number(storedCount ?? 1) - 1)
  // The last tombstone is of one more build.
  const reproducedCount = earlierCount === null ? others : Math.max(others + 1, Number(earlierCount))
  const hasOtherOutput =
    verdict === 'NOT_REPRODUCIBLE' || (least ?? sha256) !== sha256 || (greatest ?? sha256) !== sha256
  return { verdict: verdictOf({ buildCount: reproducedCount + 1, hasOtherOutput }), reproducedCount }
}
