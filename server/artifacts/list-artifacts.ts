import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { ArtifactId, BuildId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'
import type { Reader } from '../database/reader.ts'

/**
 * The ids of a page of the artifacts with this content, of the newest build first, and of one more
 * when there is; in no particular order. Raw SQL: Prisma cannot compare pairs.
 */
export async function findArtifactIdsByHash(
  db: Reader,
  sha256: string,
  page: Page<StartCursor>,
): Promise<ArtifactId[]> {
  const { sql, empty } = Prisma
  const { after, before, backward, limit } = page
  const rows = await db.$queryRaw<{ id: ArtifactId }[]>(
    sql`SELECT id FROM "Artifact" WHERE sha256 = ${hash(sha256)}
      ${after ? sql`AND ("startedAt", id) < (${after.startedAt}, ${after.id})` : empty}
      ${before ? sql`AND ("startedAt", id) > (${before.startedAt}, ${before.id})` : empty}
      ORDER BY ${backward ? sql`"startedAt" ASC, id ASC` : sql`"startedAt" DESC, id DESC`} LIMIT ${limit + 1}`,
  )
  return rows.map(({ id }) => id)
}

/**
 * The ids of the same page of artifacts, by path, for each of several builds, and of one more each
 * when there is; in no particular order. Raw SQL: Prisma cannot limit per parent.
 */
export async function findArtifactIdsOf(
  db: Reader,
  buildIds: readonly BuildId[],
  page: Page<string>,
): Promise<ArtifactId[]> {
  const { sql, join, empty } = Prisma
  const rows = await db.$queryRaw<{ id: ArtifactId }[]>(
    sql`SELECT c.id AS id FROM "Build" p CROSS JOIN "Artifact" c
      WHERE p.id IN (${join([...buildIds])}) AND c.id IN (
        SELECT a.id FROM "Artifact" a WHERE a."buildId" = p.id
        ${page.after === null ? empty : sql`AND a.path > ${page.after}`}
        ${page.before === null ? empty : sql`AND a.path < ${page.before}`}
        ORDER BY a.path ${page.backward ? sql`DESC` : sql`ASC`} LIMIT ${page.limit + 1})`,
  )
  return rows.map(({ id }) => id)
}
