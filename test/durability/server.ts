import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { projectDir } from '../app.ts'
import type { Config } from '../../server/config.ts'
import type { Deps } from '../../server/deps.ts'
import { startServer } from '../../server/start-server.ts'
import type { UploadStep } from '../../server/uploads/receive-build.ts'
import { configOf, makeDataDir } from './data-dir.ts'
import { idleTasks } from './idle-tasks.ts'

export type WatchedServer = {
  url: string
  deps: Deps
  config: Config
  /** Lines of the log at level error or above: bugs, as the server sees it. */
  errors: string[]
  /** Resolves when an upload comes to `step` the next time. */
  reached: (step: UploadStep) => Promise<void>
}

/**
 * The server as operators start it, in this process, on a data directory of its own; stopped when the test ends. Analyses and
 * other tasks run only if `runsTasks` is set.
 */
export async function startWatched(
  settings: { config?: Config; overrides?: Partial<Deps>; runsTasks?: boolean } = {},
): Promise<WatchedServer> {
  const config = settings.config ?? configOf(makeDataDir())
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) })
  const waiting: { step: UploadStep; resolve: () => void }[] = []
  const onUploadStep = (step: UploadStep) => {
    const found = waiting.findIndex((one) => one.step === step)
    if (found >= 0) for (const one of waiting.splice(found, 1)) one.resolve()
  }
  const server = await startServer(config, projectDir, {
    log,
    onUploadStep,
    // The passwords of tests are no secrets.
    authenticating: { scryptN: 256 },
    ...(settings.runsTasks ? {} : idleTasks()),
    ...settings.overrides,
  })
  onTestFinished(() => server.stop())
  return {
    url: server.url,
    deps: server.deps,
    config,
    errors,
    reached: (step) => new Promise((resolve) => waiting.push({ step, resolve })),
  }
}
