import type { BlobSource } from '../blobs/local-copies.ts'
import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { ArtifactId, BuildId } from '../ids.ts'
import type { ComparedFile } from './diff-files.ts'

/** A build, as far as comparisons need it: one of the hub, or a record in a file. */
export type ComparedBuild = {
  uuid: string
  job: string
  platform: string
  startedAt: Date
  finishedAt: Date
  /** Where the builder's clock was ahead, as in the database. */
  recordStartedAt: Date | null
  recordFinishedAt: Date | null
  script: { sha256: string; sizeBytes: number }
  mainBinary: ComparedFile | null
  /** By path. */
  artifacts: readonly ComparedFile[]
  /** Where its content lies. */
  blobs: BlobSource
}

type BuildRow = {
  id: BuildId
  uuid: string
  job: string
  platform: string
  startedAt: Date
  finishedAt: Date
  recordStartedAt: Date | null
  recordFinishedAt: Date | null
  scriptSha256: string
  scriptSizeBytes: bigint
  mainBinaryId: ArtifactId | null
}

type FileRow = { id: ArtifactId; buildId: BuildId; path: string; sha256: string; sizeBytes: bigint }

/**
 * Builds by their UUIDs; those that do not exist are absent. Two statements however many they are.
 * Raw SQL: Prisma sends four, and takes as long for them as all the rest of a known comparison does.
 */
export async function findComparedBuilds(
  { db, blobs }: Pick<Deps, 'db' | 'blobs'>,
  uuids: readonly string[],
): Promise<Map<string, ComparedBuild>> {
  const { sql, join } = Prisma
  const builds = await db.$queryRaw<BuildRow[]>(
    sql`SELECT b.id AS id, b.uuid AS uuid, j.name AS job, p.name AS platform, b."startedAt" AS "startedAt",
        b."finishedAt" AS "finishedAt", b."recordStartedAt" AS "recordStartedAt", b."recordFinishedAt" AS "recordFinishedAt", b."scriptSha256" AS "scriptSha256",
        b."scriptSizeBytes" AS "scriptSizeBytes", b."mainBinaryId" AS "mainBinaryId"
      FROM "Build" b JOIN "Job" j ON j.id = b."jobId" JOIN "Platform" p ON p.id = b."platformId"
      WHERE b.uuid IN (${join([...uuids])})`,
  )
  if (builds.length === 0) return new Map()
  const files = await db.$queryRaw<FileRow[]>(
    sql`SELECT a.id AS id, a."buildId" AS "buildId", a.path AS path, a.sha256 AS sha256, a."sizeBytes" AS "sizeBytes"
      FROM "Artifact" a WHERE a."buildId" IN (${join(builds.map(({ id }) => id))})`,
  )
  return new Map(
    builds.map(({ id, mainBinaryId, scriptSha256, scriptSizeBytes, ...facts }) => {
      const own = files.filter(({ buildId }) => buildId === id)
      const main = own.find((file) => file.id === mainBinaryId)
      const build: ComparedBuild = {
        ...facts,
        script: { sha256: scriptSha256, sizeBytes: Number(scriptSizeBytes) },
        mainBinary: main ? toFile(main) : null,
        artifacts: own.map(toFile).sort((a, b) => (a.path < b.path ? -1 : 1)),
        blobs,
      }
      return [build.uuid, build]
    }),
  )
}

function toFile({ path, sha256, sizeBytes }: FileRow): ComparedFile {
  return { path, sha256, sizeBytes: Number(sizeBytes) }
}
