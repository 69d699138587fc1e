import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'

/** A build, and what says which others it is compared with: those of its job on its platform. */
export type PlacedBuild = {
  id: BuildId
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  mainBinarySha256: string | null
}

const { sql } = Prisma

/** The newest build with a main binary of the same job on the same platform; may be the build itself. */
export async function findLatestId(
  db: PrismaClient,
  { jobId, platformId }: PlacedBuild,
): Promise<BuildId | null> {
  const row = await db.jobPlatform.findUnique({
    where: { jobId_platformId: { jobId, platformId } },
    select: { newestMainBinaryId: true },
  })
  return row?.newestMainBinaryId ?? null
}

/**
 * The next later, or earlier, build of the same job and platform with another main binary. Raw SQL:
 * compares row values; walks an index that holds all it needs, past builds with the same output.
 */
export async function findDifferentOutputId(
  db: PrismaClient,
  build: PlacedBuild,
  direction: 'next' | 'previous',
): Promise<BuildId | null> {
  if (build.mainBinarySha256 === null) return null
  const isNext = direction === 'next'
  const [found] = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id AS id FROM "Build" b WHERE b."jobId" = ${build.jobId} AND b."platformId" = ${build.platformId}
      AND b."mainBinarySha256" <> ${build.mainBinarySha256} AND ${beyond(build, isNext)} LIMIT 1`,
  )
  return found?.id ?? null
}

/** The last success before a build, or the first after it, of the same job on the same platform. */
export async function findSuccessId(
  db: PrismaClient,
  build: PlacedBuild,
  direction: 'next' | 'previous',
): Promise<BuildId | null> {
  const [found] = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id AS id FROM "Build" b WHERE b."jobId" = ${build.jobId} AND b."platformId" = ${build.platformId}
      AND b.status = 'SUCCEEDED' AND ${beyond(build, direction === 'next')} LIMIT 1`,
  )
  return found?.id ?? null
}

/** Later builds in order of time, or earlier ones in the order against it. */
function beyond({ startedAt, id }: PlacedBuild, isLater: boolean): Prisma.Sql {
  return isLater
    ? sql`(b."startedAt", b.id) > (${startedAt}, ${id}) ORDER BY b."startedAt" ASC, b.id ASC`
    : sql`(b."startedAt", b.id) < (${startedAt}, ${id}) ORDER BY b."startedAt" DESC, b.id DESC`
}
