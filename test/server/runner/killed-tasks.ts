// A server that runs tasks of some kinds, and is killed as soon as one of each kind has reached a step. Its settings are in the
// environment. At "never", no run comes to its end.
//
//   node dist/test/killed-tasks.mjs KIND,… STEP
import { kinds } from '../../../server/analyses/kinds.ts'
import { createAnalysisWorkers } from '../../../server/analyses/analysis-handlers.ts'
import { readConfig } from '../../../server/config.ts'
import { findProjectDir } from '../../../server/project-dir.ts'
import type { TaskHandler } from '../../../server/runner/handler.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { openDeps } from '../../../server/start-server.ts'
import { taskHandlers } from '../../../server/task-handlers.ts'

const [names = '', killedAt = ''] = process.argv.slice(2)
const deps = await openDeps(readConfig(process.env), findProjectDir())
const waited = new Set(names.split(','))

function reach(step: string, kind: string): void {
  if (step === killedAt) waited.delete(kind)
  if (waited.size === 0) process.kill(process.pid, 'SIGKILL')
}

/** A task that has reached the step waits for those of the other kinds. */
async function pass(step: string, kind: string): Promise<void> {
  reach(step, kind)
  if (step === killedAt || killedAt === 'never') await new Promise(() => {})
}

const handlers = taskHandlers(deps, { kinds, workers: createAnalysisWorkers() })
  .filter(({ kind }) => waited.has(kind))
  .map((handler): TaskHandler => ({
    ...handler,
    async run(task, signal) {
      if (killedAt !== 'never') await pass('claimed', handler.kind)
      const result = await handler.run(task, signal)
      await pass('ran', handler.kind)
      return result
    },
  }))
const runner = createTaskRunner(deps, handlers, {
  isAlone: true,
  onStep(step, { kind }) {
    if (step === 'completing' || step === 'completed') reach(step, kind)
  },
})
await runner.start()
// The runner's timers keep no process alive.
setInterval(() => {}, 60_000)
