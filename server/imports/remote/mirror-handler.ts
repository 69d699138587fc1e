import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { TaskHandler } from '../../runner/handler.ts'
import type { ImportDeps } from '../import-one.ts'
import { emptyReport, type ImportReport } from '../import-report.ts'
import { importUrlInSteps } from './import-url.ts'
import { mirrorKind, parseMirrorProgress, type MirrorPass, type MirrorProgress } from './mirror-progress.ts'

const hourMs = 3_600_000
/** A run goes on for so long; then its progress is written. */
const defaultRunMs = 5_000
/** Builds that are looked at between two looks at the clock. */
const stepBuilds = 10
/** Names of refused builds that the progress keeps, and the log has. */
const maxNamed = 5

type Outcome = { progress: MirrorProgress; isPartial: boolean }

/** A pass over the other site, which goes on from run to run. */
type Mirroring = {
  of: string
  report: ImportReport
  /** What was imported before a restart. */
  importedBefore: number
  steps: AsyncGenerator<void, void, void>
  stop: AbortController
}

type Options = { runMs?: number; pauseMs?: number }

/**
 * Copies the builds of the site that `mirrorUrl` names, as `hub import url` does, every `mirrorHours` hours. It is done in
 * runs of some seconds. Where a pass is in the lists of the other site stays in memory: after a restart, or an error, it reads
 * them from the start, and copies what is not here. The settings are read anew for each run.
 */
export function mirrorHandler(
  deps: ImportDeps & Pick<Deps, 'fetch'>,
  { runMs = defaultRunMs, pauseMs }: Options = {},
): TaskHandler<Outcome> {
  const { clock, config, log } = deps
  let current: Mirroring | null = null

  async function end(): Promise<void> {
    const ended = current
    current = null
    ended?.stop.abort()
    // What is under way fails because it is stopped.
    await ended?.steps.return().catch(() => {})
  }

  function begin(of: string, importedBefore: number): Mirroring {
    const report = emptyReport()
    const stop = new AbortController()
    const how = {
      ...{ jobs: mirrorJobsOf(config), since: null, isDryRun: false, signal: stop.signal },
      ...{ stepBuilds, ...(pauseMs && { pauseMs }) },
    }
    const steps = importUrlInSteps(deps, new URL(config.mirrorUrl), how, report)
    return { of, report, importedBefore, steps, stop }
  }

  /** Reads on until the time of the run is over. Returns whether the pass is done. */
  async function goOn({ steps }: Mirroring, signal: AbortSignal): Promise<boolean> {
    const startedAt = performance.now()
    do {
      if ((await steps.next()).done === true) return true
    } while (!signal.aborted && performance.now() - startedAt < runMs)
    return false
  }

  return {
    ...{ kind: mirrorKind, version: 1, slots: { max: 1 } },
    // What it stores are uploads: it would wait for itself.
    yieldsToUploads: false,
    // Whether a pass is due is looked at each hour: the settings may have changed.
    ...{ maxAttempts: 4, retryPauseMs: 60_000, standing: { everyMs: hourMs } },
    async run(task, signal) {
      const { mirrorUrl: url, mirrorJobs: jobs } = config
      const known = parseMirrorProgress(task.progress)
      const { last } = known
      const of = JSON.stringify([url, jobs])
      if (current && current.of !== of) await end()
      if (url === '') return { progress: { running: null, last }, isPartial: false }
      const running = known.running?.url === url ? known.running : null
      if (!running && !isDue(config, last, clock.now())) return { progress: known, isPartial: false }
      const mirroring = (current ??= begin(of, running?.imported ?? 0))
      let isDone
      try {
        isDone = await goOn(mirroring, signal)
      } catch (error) {
        // Its steps have ended with the error. The next attempt reads the lists from the start.
        current = null
        throw error
      }
      const pass = passOf(url, running?.startedAt ?? clock.now(), mirroring)
      if (!isDone) return { progress: { running: pass, last }, isPartial: true }
      current = null
      log[pass.refusedCount > 0 ? 'warn' : 'info'](pass, 'the other site was mirrored')
      return {
        progress: { running: null, last: { ...pass, jobs, finishedAt: clock.now() } },
        isPartial: false,
      }
    },
    // Each build is told of when it is stored.
    changes: () => [],
    record: ({ progress, isPartial }) => ({
      progress: JSON.stringify(progress),
      ...(isPartial ? { isPartial: true } : {}),
    }),
    close: end,
  }
}

/** The names in `mirrorJobs`; none: all jobs. */
function mirrorJobsOf({ mirrorJobs }: Pick<Config, 'mirrorJobs'>): string[] {
  return mirrorJobs
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function isDue(
  { mirrorHours, mirrorJobs, mirrorUrl }: Config,
  last: MirrorProgress['last'],
  now: Date,
): boolean {
  if (last?.url !== mirrorUrl || last.jobs !== mirrorJobs) return true
  return now.getTime() - last.startedAt.getTime() >= mirrorHours * hourMs
}

function passOf(url: string, startedAt: Date, { report, importedBefore }: Mirroring): MirrorPass {
  const { imported, present, removed, refused } = report
  return {
    ...{ url, startedAt, imported: importedBefore + imported, present, removed },
    ...{ refusedCount: refused.length, refused: refused.slice(0, maxNamed) },
  }
}
