import type { Config } from '../config.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { hash, timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { isPackagePath } from './find-candidates.ts'

const { sql } = Prisma

/** Kind of the task that publishes the repositories. */
export const publishKind = 'PUBLISH_REPOSITORIES'

/** A storm of uploads makes one publication, not one for each. */
const settleMs = 2_000

/**
 * Lets the repositories be looked at soon, in the transaction that adds or removes a build with this main binary. The task is a standing one:
 * before a server has started there is nothing to ask for. One statement, and none for builds that make no package, or on a site without repositories.
 */
export async function notePackage(
  tx: Transaction,
  { repositoriesFile }: Pick<Config, 'repositoriesFile'>,
  mainBinaryPath: string | null,
  now: Date,
): Promise<void> {
  if (repositoriesFile === '' || mainBinaryPath === null || !isPackagePath(mainBinaryPath)) return
  await requestPublishing(tx, new Date(now.getTime() + settleMs))
}

/** The same after the removal of a build with this main binary: only if a repository has it. */
export async function noteRemovedPackage(tx: Transaction, sha256: string, now: Date): Promise<void> {
  const isPublished = sql`AND EXISTS (SELECT 1 FROM "RepositoryFile" WHERE sha256 = ${hash(sha256)})`
  await requestPublishing(tx, new Date(now.getTime() + settleMs), isPublished)
}

/** Lets the repositories be published at `at`, or before. */
export async function requestPublishing(tx: Transaction, at: Date, condition = Prisma.empty): Promise<void> {
  const due = timestamp(at)
  await tx.$executeRaw(
    sql`UPDATE "QueuedTask" SET
        "isWantedAgain" = state = 'RUNNING',
        attempts = CASE WHEN state = 'RUNNING' THEN attempts ELSE 0 END,
        "dueAt" = CASE WHEN state = 'RUNNING' THEN "dueAt" ELSE ${due} END,
        state = CASE WHEN state = 'RUNNING' THEN 'RUNNING' ELSE 'PENDING' END
      WHERE kind = ${publishKind} AND key = '' AND (state <> 'PENDING' OR "dueAt" > ${due}) ${condition}`,
  )
}
