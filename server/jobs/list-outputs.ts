import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { JobId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'

export type OutputKey = { jobId: JobId; sha256: string }

/** The scope of a platform's outputs, for `JobOutput.scope`; null when there is no such platform. */
export async function findScope(db: PrismaClient, platform: string): Promise<number | null> {
  const found = await db.platform.findUnique({ where: { name: platform }, select: { id: true } })
  return found?.id ?? null
}

/**
 * The keys of a page of the distinct outputs of each job, the one built last first, and of one more
 * each when there is; in no particular order. Raw SQL: Prisma cannot limit per parent.
 */
export async function findOutputKeys(
  db: PrismaClient,
  jobIds: readonly JobId[],
  scope: number,
  page: Page<StartCursor>,
): Promise<OutputKey[]> {
  const { sql, join, empty } = Prisma
  const { after, before, backward, limit } = page
  const order = backward
    ? sql`o."lastStartedAt" ASC, o."lastBuildId" ASC`
    : sql`o."lastStartedAt" DESC, o."lastBuildId" DESC`
  return db.$queryRaw<OutputKey[]>(
    sql`SELECT p.id AS "jobId", c.sha256 AS sha256 FROM "Job" p CROSS JOIN "JobOutput" c
      WHERE p.id IN (${join([...jobIds])}) AND c."jobId" = p.id AND c.scope = ${scope} AND c."lastBuildId" IN (
        SELECT o."lastBuildId" FROM "JobOutput" o WHERE o."jobId" = p.id AND o.scope = ${scope}
        ${after ? sql`AND (o."lastStartedAt", o."lastBuildId") < (${after.startedAt}, ${after.id})` : empty}
        ${before ? sql`AND (o."lastStartedAt", o."lastBuildId") > (${before.startedAt}, ${before.id})` : empty}
        ORDER BY ${order} LIMIT ${limit + 1})`,
  )
}
