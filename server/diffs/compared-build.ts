import type { BlobStore } from '../blobs/blob-store.ts'
import type { Deps } from '../deps.ts'
import type { ComparedFile } from './diff-files.ts'

/** A build, as far as comparisons need it: one of the hub, or a record in a file. */
export type ComparedBuild = {
  uuid: string
  job: string
  platform: string
  startedAt: Date
  finishedAt: Date
  script: { sha256: string; sizeBytes: number }
  mainBinary: ComparedFile | null
  /** By path. */
  artifacts: readonly ComparedFile[]
  /** Where its content lies. */
  blobs: Pick<BlobStore, 'open' | 'sizeBytes'>
}

/** Builds by their UUIDs; those that do not exist are absent. The same statements however many they are. */
export async function findComparedBuilds(
  { db, blobs }: Pick<Deps, 'db' | 'blobs'>,
  uuids: readonly string[],
): Promise<Map<string, ComparedBuild>> {
  const builds = await db.build.findMany({
    where: { uuid: { in: [...uuids] } },
    select: {
      uuid: true,
      startedAt: true,
      finishedAt: true,
      scriptSha256: true,
      scriptSizeBytes: true,
      mainBinaryId: true,
      job: { select: { name: true } },
      platform: { select: { name: true } },
      artifacts: { select: { id: true, path: true, sha256: true, sizeBytes: true } },
    },
  })
  return new Map(
    builds.map((build) => {
      const artifacts = build.artifacts
        .map(({ sizeBytes, ...file }) => ({ ...file, sizeBytes: Number(sizeBytes) }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
      return [
        build.uuid,
        {
          uuid: build.uuid,
          job: build.job.name,
          platform: build.platform.name,
          startedAt: build.startedAt,
          finishedAt: build.finishedAt,
          script: { sha256: build.scriptSha256, sizeBytes: Number(build.scriptSizeBytes) },
          mainBinary: artifacts.find(({ id }) => id === build.mainBinaryId) ?? null,
          artifacts,
          blobs,
        },
      ]
    }),
  )
}
