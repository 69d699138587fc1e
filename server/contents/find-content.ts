import type { Reader } from '../database/reader.ts'
import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { JobId, PlatformId } from '../ids.ts'

/** Files with a content that are looked at: the newest. */
export const maxFiles = 1_000
/** Rows of the table of who built it; names of the file. */
const maxSources = 100
const maxNames = 20

/** Builds by one user of one job on one platform from one input, all with the same content. */
export type ContentSource = {
  job: string
  platform: string
  /** Null: nobody is known to have uploaded them. */
  builder: string | null
  inputId: string | null
  buildCount: number
  /** The newest of the builds. */
  newestBuild: string
  firstStartedAt: Date
  newestStartedAt: Date
}

/** The newest main binary of a place where a content was the main binary once. */
export type NewerOutput = { job: string; platform: string; sha256: string; build: string; startedAt: Date }

export type ContentPlace = { jobId: JobId; platformId: PlatformId; job: string; platform: string }

export type FoundContent = {
  sha256: string
  sizeBytes: bigint
  /** Paths of the file, the most frequent first. */
  names: string[]
  /** There are more files than were looked at. */
  isCut: boolean
  sources: ContentSource[]
  /** When this site received the first of the builds. */
  firstReceivedAt: Date
  /** Where it is, or was, the main binary. */
  places: ContentPlace[]
  newer: NewerOutput[]
}

/** What the builds of the site say of a content. Null: no build has brought it, or all of them were removed. */
export async function findContent(db: Reader, sha256: string): Promise<FoundContent | null> {
  const files = await db.artifact.findMany({
    where: { sha256 },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    take: maxFiles,
    select: {
      ...{ path: true, sizeBytes: true },
      build: {
        select: {
          ...{ uuid: true, startedAt: true, receivedAt: true, inputId: true, mainBinarySha256: true },
          ...{ jobId: true, platformId: true },
          job: { select: { name: true } },
          platform: { select: { name: true } },
          uploader: { select: { name: true } },
        },
      },
    },
  })
  const [newest] = files
  if (!newest) return null
  const builds = files.map(({ build }) => build)
  const names = [...groupBy(files, ({ path }) => path)].toSorted(([, a], [, b]) => b.length - a.length)
  const ofMain = builds.filter(({ mainBinarySha256 }) => mainBinarySha256 === sha256)
  const places = [...groupBy(ofMain, ({ jobId, platformId }) => `${jobId} ${platformId}`).values()].flatMap(
    ([first]) =>
      first
        ? [
            {
              jobId: first.jobId,
              platformId: first.platformId,
              job: first.job.name,
              platform: first.platform.name,
            },
          ]
        : [],
  )
  return {
    ...{ sha256, sizeBytes: newest.sizeBytes, isCut: files.length === maxFiles },
    names: names.map(([path]) => path).slice(0, maxNames),
    sources: sourcesOf(builds),
    firstReceivedAt: new Date(Math.min(...builds.map(({ receivedAt }) => receivedAt.getTime()))),
    places,
    newer: await findNewer(db, sha256, places),
  }
}

type BuildOfContent = {
  uuid: string
  startedAt: Date
  inputId: string | null
  job: { name: string }
  platform: { name: string }
  uploader: { name: string } | null
}

/** `builds`: newest first. A build may bring a content twice. */
function sourcesOf(builds: readonly BuildOfContent[]): ContentSource[] {
  const distinct = [...new Map(builds.map((build) => [build.uuid, build])).values()]
  const groups = groupBy(distinct, ({ inputId, job, platform, uploader }) =>
    JSON.stringify([uploader?.name, job.name, platform.name, inputId]),
  )
  return [...groups.values()].slice(0, maxSources).flatMap((group): ContentSource[] => {
    const [newest, oldest] = [group[0], group.at(-1)]
    if (!newest || !oldest) return []
    return [
      {
        ...{ job: newest.job.name, platform: newest.platform.name, builder: newest.uploader?.name ?? null },
        ...{ inputId: newest.inputId, buildCount: group.length, newestBuild: newest.uuid },
        ...{ firstStartedAt: oldest.startedAt, newestStartedAt: newest.startedAt },
      },
    ]
  })
}

async function findNewer(
  db: Reader,
  sha256: string,
  places: readonly ContentPlace[],
): Promise<NewerOutput[]> {
  if (places.length === 0) return []
  const rows = await db.jobPlatform.findMany({
    where: { OR: places.map(({ jobId, platformId }) => ({ jobId, platformId })) },
    select: {
      jobId: true,
      platformId: true,
      newestMainBinary: { select: { uuid: true, startedAt: true, mainBinarySha256: true } },
    },
  })
  return rows.flatMap(({ jobId, platformId, newestMainBinary: newest }) => {
    const place = places.find((one) => one.jobId === jobId && one.platformId === platformId)
    if (!place || !newest || newest.mainBinarySha256 === null || newest.mainBinarySha256 === sha256) return []
    const { job, platform } = place
    return [
      { job, platform, sha256: newest.mainBinarySha256, build: newest.uuid, startedAt: newest.startedAt },
    ]
  })
}

/** Contents that a search lists. */
export const maxMatches = 20

/**
 * The contents whose SHA-256 begins with some digits, in their order; one more than is listed if there are more. `prefix`: 6 to 64 lower-case
 * hexadecimal digits. Raw SQL: Prisma does not compare bytes.
 */
export async function findContentsByPrefix(db: Reader, prefix: string): Promise<string[]> {
  const [least, greatest] = [prefix.padEnd(64, '0'), prefix.padEnd(64, 'f')]
  const rows = await db.$queryRaw<{ sha256: string }[]>(
    Prisma.sql`SELECT DISTINCT a.sha256 AS sha256 FROM "Artifact" a
      WHERE a.sha256 >= ${hash(least)} AND a.sha256 <= ${hash(greatest)}
      ORDER BY a.sha256 LIMIT ${maxMatches + 1}`,
  )
  return rows.map(({ sha256 }) => sha256)
}
