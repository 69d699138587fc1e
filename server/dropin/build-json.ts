import { findContents, fixOf, type BuildContents } from '../advisories/find-contents.ts'
import { timesOfRecord } from '../builds/record-times.ts'
import { toVerdict } from '../builds/verdict.ts'
import type { Deps } from '../deps.ts'
import { gradeOf } from '../policy/grade.ts'
import { findNewestBuild, findRemovedBuild, gradeOfRemoved } from '../retention/removed-build.ts'
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
      id: true,
      uuid: true,
      startedAt: true,
      finishedAt: true,
      recordStartedAt: true,
      recordFinishedAt: true,
      mainBinarySha256: true,
      verdict: true,
      platform: { select: { name: true } },
    },
  })
  if (!build) return null
  const { mainBinarySha256: sha256 } = build
  const { startedAt, finishedAt } = timesOfRecord(build)
  const contents = (await findContents(deps.db, [build.id])).get(build.id)
  const output = sha256 === null ? null : await deps.db.output.findUnique({ where: { sha256 } })
  const solo5 = sha256 === null ? null : await findSolo5(deps, [sha256])
  return {
    job,
    uuid: build.uuid,
    platform: build.platform.name,
    start_time: startedAt.toISOString(),
    finish_time: finishedAt.toISOString(),
    main_binary: sha256 !== null,
    // builder-web does not have it: how well the main binary is confirmed.
    ...(output && { grade: gradeOf(toVerdict(build.verdict), output).brief }),
    ...(sha256 === null ? {} : solo5?.get(sha256)),
    ...(contents?.hasAdvisories ? issuesJson(contents) : {}),
  }
}

/**
 * What builder-web does not have: known issues of the packages in a build, for those who run it. Only on a site that has taken in advisories: on
 * others nothing is known of them.
 */
function issuesJson(contents: BuildContents) {
  return {
    components: contents.componentCount,
    unidentified_components: contents.unidentifiedCount,
    advisories: contents.issues.map(({ id, severity, fixedIn, vex, packages }) => ({
      id,
      severity: severity?.toLowerCase() ?? null,
      packages: packages.map(({ name, version }) => `${name}.${version}`),
      status: vex?.status.toLowerCase() ?? null,
      fixed_build: fixedIn?.uuid ?? null,
    })),
    fixed_build: fixOf(contents)?.uuid ?? null,
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
    grade: gradeOfRemoved(removed).brief,
    reproduced_by: removed.reproducedCount,
    removed_at: removed.removedAt.toISOString(),
    removed_because: removed.reason,
    newest_build: newest && { uuid: newest.uuid, platform: newest.platform },
  }
}
