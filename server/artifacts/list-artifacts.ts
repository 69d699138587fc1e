import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { ArtifactId, BuildId } from '../ids.ts'
import type { Page } from '../page.ts'

/** `where`, `orderBy` and `take` for a page of the artifacts with this content, the latest stored first. */
export function artifactsOfHashPage(sha256: string, page: Page<number>) {
  const { after, before, backward, limit } = page
  return {
    where: {
      sha256,
      // Cursors are ids that this list gave out.
      AND: [
        ...(after === null ? [] : [{ id: { lt: after as ArtifactId } }]),
        ...(before === null ? [] : [{ id: { gt: before as ArtifactId } }]),
      ],
    },
    orderBy: { id: backward ? 'asc' : 'desc' },
    take: limit + 1,
  } satisfies Parameters<PrismaClient['artifact']['findMany']>[0]
}

/**
 * The ids of the same page of artifacts, by path, for each of several builds, and of one more each
 * when there is; in no particular order. Raw SQL: Prisma cannot limit per parent.
 */
export async function findArtifactIdsOf(
  db: PrismaClient,
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
