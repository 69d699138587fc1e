import type { BlobId } from '../blobs/blob-store.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'

const { sql } = Prisma

/**
 * A point in the history of the database: builds with greater ids are newer. Ids never return, and builds get their
 * ids one after the other, because one transaction writes at a time.
 */
export type ReferenceMark = { lastBuildId: BuildId | null }

/** Builds that one statement of `findInBuilds` reads: some milliseconds. */
const buildsPerStatement = 5_000

export async function readReferenceMark(db: Reader): Promise<ReferenceMark> {
  // The outer statement gives the id its type: that of MAX is another one in each database.
  const [newest] = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT id FROM "Build" WHERE id = (SELECT MAX(id) FROM "Build")`,
  )
  return { lastBuildId: newest?.id ?? null }
}

/**
 * Which of these blobs a row refers to. Of the builds, only those that are newer than `since` are looked at: there is
 * no index of the hashes of their scripts, consoles and readmes, because it would cost every upload some time. All
 * other references are found. Costs a few milliseconds.
 */
export async function findReferences(
  db: Reader,
  ids: readonly BlobId[],
  { lastBuildId }: ReferenceMark,
): Promise<Set<string>> {
  const found = new Set<string>()
  for (const slice of slicesOf(ids, Math.floor(parametersPerStatement / 4))) {
    const isOneOf = { in: slice }
    const [artifacts, statements, tasks, hookRuns, files, jobs, builds] = [
      // Grouped: a million rows may have the hash of the empty file.
      (await db.artifact.groupBy({ by: ['sha256'], where: { sha256: isOneOf } })).map(({ sha256 }) => ({
        sha256,
      })),
      await db.attestation.findMany({
        where: { envelopeSha256: isOneOf },
        select: { envelopeSha256: true },
      }),
      (await db.queuedTask.groupBy({ by: ['resultSha256'], where: { resultSha256: isOneOf } })).map(
        ({ resultSha256 }) => ({ resultSha256 }),
      ),
      (await db.hookRun.groupBy({ by: ['outputSha256'], where: { outputSha256: isOneOf } })).map(
        ({ outputSha256 }) => ({ outputSha256 }),
      ),
      (await db.repositoryFile.groupBy({ by: ['sha256'], where: { sha256: isOneOf } })).map(({ sha256 }) => ({
        sha256,
      })),
      await db.job.findMany({
        where: { OR: [{ readmeSha256: isOneOf }, { pendingSwitchSha256: isOneOf }] },
        select: { readmeSha256: true, pendingSwitchSha256: true },
      }),
      await db.build.findMany({
        where: { ...(lastBuildId === null ? {} : { id: { gt: lastBuildId } }), ...hasOneOf(slice) },
        select: ownColumns,
      }),
    ]
    for (const row of [...artifacts, ...statements, ...tasks, ...hookRuns, ...files, ...jobs, ...builds])
      for (const hash of Object.values(row)) if (hash !== null) found.add(hash)
  }
  return found
}

/** Hashes of content that a build names itself, in columns without an index. */
export const ownColumns = {
  scriptSha256: true,
  consoleSha256: true,
  consoleIndexSha256: true,
  readmeSha256: true,
} as const

/** Builds that have one of these blobs as script, console, index of the console or readme. */
export const hasOneOf = (ids: readonly string[]) => {
  const isOneOf = { in: [...ids] }
  return {
    OR: [
      { scriptSha256: isOneOf },
      { consoleSha256: isOneOf },
      { consoleIndexSha256: isOneOf },
      { readmeSha256: isOneOf },
    ],
  }
}

/**
 * Which of these blobs the builds up to a mark have as script, console or readme: what `findReferences` leaves out. Reads
 * all their rows, some at a time, so it is for rare events, and outside of a transaction. At most 100 blobs.
 */
export async function findInBuilds(
  db: Reader,
  ids: readonly BlobId[],
  { lastBuildId }: ReferenceMark,
): Promise<Set<string>> {
  const found = new Set<string>()
  if (lastBuildId === null || ids.length === 0) return found
  for (let start = 0; start < lastBuildId; start += buildsPerStatement) {
    const end = Math.min(lastBuildId, start + buildsPerStatement) + 1
    const rows = await db.build.findMany({
      // Numbers between ids, not ids of builds.
      where: { id: { gt: start as BuildId, lt: end as BuildId }, ...hasOneOf(ids) },
      select: ownColumns,
    })
    for (const row of rows) for (const hash of Object.values(row)) if (hash !== null) found.add(hash)
  }
  return found
}
