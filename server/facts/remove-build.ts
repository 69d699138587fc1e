import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import type { Transaction } from '../database/writer.ts'
import { noteRemovedPackage } from '../repositories/request-publishing.ts'
import { forgetJudgement } from '../policy/forget-judgement.ts'
import type { Removal } from '../retention/removal.ts'
import { writeTombstone } from '../retention/write-tombstone.ts'
import { findStoredBuild } from './build-facts.ts'
import { factRules } from './rules.ts'

/**
 * Removes a build with its artifacts, its pin, and everything that is derived from it, as if it had never been stored: the
 * verdicts of other builds and the counts of all tables follow, and a job or a platform goes with its last build.
 * A tombstone says what the build was, and why it was removed. False: there is no such build.
 *
 * What stays: content (analyses and blobs belong to content, not to builds), users, and `verdictAt`, which
 * says when a verdict changed last and so changes with the verdicts. Decision 031 has the reasons.
 */
export async function removeBuild(tx: Transaction, id: BuildId, removal: Removal): Promise<boolean> {
  const build = await findStoredBuild(tx, id)
  if (!build) return false
  // Before the counts change: the tombstone has the verdict with which the build was removed.
  await writeTombstone(tx, build, removal)
  // Before the row goes: nothing may refer to it then.
  for (const rule of factRules) await rule.remove(tx, build)
  // Raw SQL: one statement each; Prisma would look first.
  await tx.$executeRaw(Prisma.sql`DELETE FROM "Build" WHERE id = ${id}`)
  await tx.$executeRaw(Prisma.sql`DELETE FROM "Job" WHERE id = ${build.jobId}
    AND NOT EXISTS (SELECT 1 FROM "Build" b WHERE b."jobId" = ${build.jobId})`)
  await tx.$executeRaw(Prisma.sql`DELETE FROM "Platform" WHERE id = ${build.platformId}
    AND NOT EXISTS (SELECT 1 FROM "Build" b WHERE b."platformId" = ${build.platformId})`)
  await forgetJudgement(tx, build, removal.removedAt)
  if (build.output) await noteRemovedPackage(tx, build.output.sha256, removal.removedAt)
  return true
}
