import pLimit from 'p-limit'
import type { HttpClient } from '../../http-client.ts'
import { buildPath, recordPath } from '../../paths.ts'
import { slicesOf } from '../../slices.ts'
import { giveRecord, receiveParts } from '../../uploads/receive-build.ts'
import { findKnownBuilds } from '../find-known-builds.ts'
import { outcomeOf, type ImportDeps, type ImportOutcome } from '../import-one.ts'
import { emptyReport, SourceError, StoppedError, type ImportReport, type Refused } from '../import-report.ts'
import { inTurn } from '../in-turn.ts'
import { listRemoteBuilds, type RemoteBuild } from './list-builds.ts'
import { remoteSite, type RemoteSite } from './remote-site.ts'

export type MirrorOptions = {
  jobs: readonly string[]
  since: Date | null
  isDryRun: boolean
  signal: AbortSignal
  pauseMs?: number
  pageSize?: number
  /** Builds that are looked at in a step; default: a page. */
  stepBuilds?: number
  onProgress?: (report: ImportReport) => void
}

/** Another site serves its visitors, too. */
const downloadsAtOnce = 2

/** As `importUrlInSteps`, to the end. Returns the report. */
export async function importUrl(
  deps: ImportDeps & { fetch: HttpClient },
  url: URL,
  options: MirrorOptions,
  report: ImportReport = emptyReport(),
): Promise<ImportReport> {
  const steps = importUrlInSteps(deps, url, options, report)
  while ((await steps.next()).done !== true) continue
  return report
}

/**
 * Copies the builds of another Builder Hub, or of builder-web, that are not here: incremental, in the order in which they
 * arrived there. A build keeps its UUID and says where it is from. Builds that were removed here stay removed. A record,
 * or the list of a job, that cannot be read is noted in `report`, and the others go on. Throws RemoteSiteError if the site
 * cannot be used, StoppedError, and what would stop all builds.
 */
export async function* importUrlInSteps(
  deps: ImportDeps & { fetch: HttpClient },
  url: URL,
  options: MirrorOptions,
  report: ImportReport,
): AsyncGenerator<void, void, void> {
  const { jobs, since, isDryRun, signal, pauseMs, onProgress = () => {} } = options
  const { pageSize = 100, stepBuilds = pageSize } = options
  const { fetch, config } = deps
  const site = remoteSite(url, {
    fetch,
    signal,
    maxBytes: config.uploadMaxBytes,
    ...(pauseMs && { pauseMs }),
  })
  const limit = pLimit(downloadsAtOnce)
  const nextTurn = inTurn(deps.writer)
  const refuse = (refused: Refused) => void report.refused.push(refused)
  let failure: { error: unknown } | null = null

  async function copyMissing(builds: readonly RemoteBuild[]): Promise<void> {
    const { stored, removed } = await findKnownBuilds(
      deps.db,
      builds.map(({ uuid }) => uuid),
    )
    const missing: RemoteBuild[] = []
    for (const build of builds)
      if (stored.has(build.uuid)) report.present += 1
      else if (removed.has(build.uuid)) report.removed += 1
      else missing.push(build)
    await Promise.all(
      missing.map((build) => {
        const turn = nextTurn()
        return limit(async () => {
          if (failure || signal.aborted) return
          const outcome: ImportOutcome = isDryRun
            ? { kind: 'imported', ...build }
            : await copyBuild({ ...deps, writer: turn.writer }, site, build)
          note(report, site, build, outcome)
          onProgress(report)
        })
          .catch((error: unknown) => void (failure ??= { error }))
          .finally(turn.end)
      }),
    )
    if (failure) throw failure.error
    if (signal.aborted) throw new StoppedError()
  }

  try {
    for await (const page of listRemoteBuilds(site, { jobs, since, pageSize }, refuse))
      for (const builds of slicesOf(page, stepBuilds)) {
        await copyMissing(builds)
        yield
      }
  } catch (error) {
    throw signal.aborted ? new StoppedError() : error
  }
}

function copyBuild(deps: ImportDeps, site: RemoteSite, build: RemoteBuild): Promise<ImportOutcome> {
  const refuse = (what: string, found: string, expected: string) =>
    new SourceError(`its record says ${what} ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
  return outcomeOf(() =>
    site.download(recordPath(build.job, build.uuid), (bytes) =>
      receiveParts(
        deps,
        null,
        (parts) =>
          giveRecord(deps, bytes, {
            ...parts,
            job(name) {
              if (name !== build.job) throw refuse('job', name, build.job)
              return parts.job(name)
            },
            uuid(uuid) {
              if (uuid !== build.uuid) throw refuse('UUID', uuid, build.uuid)
              return parts.uuid(uuid)
            },
          }),
        { importedFrom: site.host },
      ),
    ),
  )
}

function note(report: ImportReport, site: RemoteSite, build: RemoteBuild, outcome: ImportOutcome): void {
  if (outcome.kind !== 'refused') report[outcome.kind] += 1
  else
    report.refused.push({ name: `${site.host}${buildPath(build.job, build.uuid)}`, reason: outcome.reason })
}
