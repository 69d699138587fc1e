import { timesOfRecord } from '../builds/record-times.ts'
import type { Deps } from '../deps.ts'
import { findNewestBuild, findRemovedBuild } from '../retention/removed-build.ts'
import { findSolo5 } from './find-solo5.ts'

/**
 * The JSON of a build. Null if the job has no such build. Source: docs/spec/drop-in.md, "URLs"; builder-web,
 * Builder_web.job_build and its JSON.
 */
export async function buildJson(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'copies' | 'db' | 'log' | 'workers'>,
  job: string,
  uuid: string,
) {
  const build = await deps.db.build.findFirst({
    where: { uuid: uuid.toLowerCase(), job: { name: job } },
    select: {
      uuid: true,
      startedAt: true,
      finishedAt: true,
      recordStartedAt: true,
      recordFinishedAt: true,
      mainBinarySha256: true,
      platform: { select: { name: true } },
    },
  })
  if (!build) return null
  const { mainBinarySha256: sha256 } = build
  const { startedAt, finishedAt } = timesOfRecord(build)
  const solo5 = sha256 === null ? null : await findSolo5(deps, [sha256])
  return {
    job,
    uuid: build.uuid,
    platform: build.platform.name,
    start_time: startedAt.toISOString(),
    finish_time: finishedAt.toISOString(),
    main_binary: sha256 !== null,
    ...(sha256 === null ? {} : solo5?.get(sha256)),
  }
}

/**
 * The JSON of a build that was removed: that of a build, with what its tombstone tells. Null if the job never had such a
 * build. builder-web does not have it.
 */
export async function removedBuildJson({ db }: Pick<Deps, 'db'>, job: string, uuid: string) {
  const removed = await findRemovedBuild(db, uuid, job)
  if (!removed) return null
  const newest = await findNewestBuild(db, removed)
  return {
    job,
    uuid: removed.uuid,
    platform: removed.platform,
    start_time: removed.startedAt.toISOString(),
    finish_time: removed.finishedAt.toISOString(),
    main_binary: removed.mainBinarySha256 !== null,
    main_binary_sha256: removed.mainBinarySha256,
    verdict: removed.verdict.toLowerCase(),
    reproduced_by: removed.reproducedCount,
    removed_at: removed.removedAt.toISOString(),
    removed_because: removed.reason,
    newest_build: newest && { uuid: newest.uuid, platform: newest.platform },
  }
}
