import { createAnalyses } from './analyses/analyses.ts'
import { createAnalysisWorkers, type AnalysisOptions } from './analyses/analysis-handlers.ts'
import { kinds } from './analyses/kinds.ts'
import { createBackground } from './background.ts'
import { localCopies } from './blobs/local-copies.ts'
import { systemClock } from './clock.ts'
import type { Database } from './database/connections.ts'
import type { Deps } from './deps.ts'
import { createEvents } from './events.ts'
import { installedHooks } from './hooks/installed-hooks.ts'
import { createHttpClient } from './http-client.ts'
import { createLiveConsoles } from './live-console/live-consoles.ts'
import { createMetrics } from './metrics/metrics.ts'
import { observedWriter } from './metrics/observed-writer.ts'
import { createJwtExchange } from './oidc/exchange-jwt.ts'
import type { TaskHandler } from './runner/handler.ts'
import { createTaskRunner, type RunnerOptions } from './runner/task-runner.ts'
import { createScheduler } from './scheduling/create-scheduler.ts'
import { createDrain } from './site/drain.ts'
import { taskHandlers } from './task-handlers.ts'
import { createTransparencyLog } from './transparency/transparency-log.ts'
import { createAuthenticator } from './users/authenticate.ts'
import { createDamageMarks } from './verify/damage-marks.ts'
import { guardedBlobs } from './verify/guarded-blobs.ts'
import { createWorkerPool } from './workers/worker-pool.ts'

/** What a server, a command and a test bring themselves. What is missing is built as for a server. */
export type Parts = Database &
  Pick<Deps, 'blobs' | 'config' | 'log'> &
  Partial<Deps> & {
    analysing?: Partial<AnalysisOptions>
    running?: RunnerOptions
    authenticating?: Parameters<typeof createAuthenticator>[1]
    /** The handlers of the runner. Default: all. */
    handlersOf?: (deps: Parameters<typeof taskHandlers>[0], analyses: AnalysisOptions) => TaskHandler[]
  }

/** Everything with an outside effect, not started. The only place that knows how its parts fit together. */
export function buildDeps({
  analysing,
  authenticating,
  running,
  handlersOf = taskHandlers,
  ...given
}: Parts): Deps {
  const damage = createDamageMarks(given, given.blobs)
  const metrics = given.metrics ?? createMetrics()
  const shared = {
    clock: given.clock ?? systemClock,
    background: given.background ?? createBackground(given),
    consoles: given.consoles ?? createLiveConsoles(given.config.consoleDir),
    copies: given.copies ?? localCopies({ dir: given.config.copiesDir }),
    events: given.events ?? createEvents(),
    drain: given.drain ?? createDrain(),
    workers: given.workers ?? createWorkerPool(),
    hooks: given.hooks ?? installedHooks(given),
    fetch: given.fetch ?? createHttpClient(),
    onUploadStep: given.onUploadStep ?? (() => {}),
    damage,
    ...given,
    storedBlobs: given.blobs,
    blobs: guardedBlobs(given.blobs, damage),
    metrics,
    writer: observedWriter(given.writer, metrics, given.config.databaseUrl === '' ? 'sqlite' : 'postgresql'),
  }
  const options = { kinds, ...analysing, workers: analysing?.workers ?? createAnalysisWorkers() }
  const runner =
    given.runner ?? createTaskRunner(shared, handlersOf(shared, options), { clock: shared.clock, ...running })
  const exchangeJwt = createJwtExchange(shared)
  const analyses = given.analyses ?? createAnalyses({ ...shared, runner }, options.kinds)
  return {
    runner,
    analyses,
    scheduler: createScheduler({ ...shared, analyses }),
    transparency: createTransparencyLog(shared),
    exchangeJwt,
    authenticate: createAuthenticator({ ...shared, exchangeJwt }, authenticating),
    readmeWorkers: createWorkerPool({ maxProcesses: 1, idleMs: 600_000 }),
    ...shared,
  }
}
