import type { Analyses } from './analyses/analyses.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { LocalCopies } from './blobs/local-copies.ts'
import type { Background } from './background.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connections.ts'
import type { Events } from './events.ts'
import type { InstalledHooks } from './hooks/installed-hooks.ts'
import type { HttpClient } from './http-client.ts'
import type { LiveConsoles } from './live-console/live-console.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { JwtExchange } from './oidc/exchange-jwt.ts'
import type { TaskRunner } from './runner/task-runner.ts'
import type { Scheduler } from './scheduling/scheduler.ts'
import type { Drain } from './site/drain.ts'
import type { TransparencyLog } from './transparency/transparency-log.ts'
import type { Authenticator } from './users/authenticate.ts'
import type { UploadStep } from './uploads/receive-build.ts'
import type { DamageMarks } from './verify/damage-marks.ts'
import type { WorkerPool } from './workers/worker-pool.ts'

/** Everything with an outside effect. Built by build-deps.ts: for the server, for a command, and for each test app. */
export type Deps = Database & {
  config: Config
  /** Gives no content that is marked as damaged. */
  blobs: BlobStore
  /** The same store without a look at the marks: for those who check content. */
  storedBlobs: BlobStore
  damage: DamageMarks
  copies: LocalCopies
  /** Consoles of runs that are under way. */
  consoles: LiveConsoles
  log: Log
  metrics: Metrics
  clock: Clock
  background: Background
  /** Requests to other sites: limited in time and size. */
  fetch: HttpClient
  /** The programs that run when builds arrive. */
  hooks: InstalledHooks
  events: Events
  drain: Drain
  authenticate: Authenticator
  exchangeJwt: JwtExchange
  workers: WorkerPool
  /** Render readmes. Workers of their own: comparisons cannot keep readmes waiting, nor the other way round. */
  readmeWorkers: WorkerPool
  analyses: Analyses
  /** Runs what is done in the background. */
  runner: TaskRunner
  /** Gives runs of schedules to workers. */
  scheduler: Scheduler
  /** The log of what the site states. */
  transparency: TransparencyLog
  /** Called at each step of an upload. Tests use it to stop the process at that step. */
  onUploadStep: (step: UploadStep) => void
}
