import type { TaskRunner } from '../../server/runner/task-runner.ts'
import { createWorkerPool } from '../../server/workers/worker-pool.ts'

/** Tasks wait for ever. */
const idleRunner: TaskRunner = {
  kinds: [],
  async start() {},
  prioritize() {},
  wake() {},
  async settled() {},
  async close() {},
}

/** For a server that runs no analyses and no other tasks: their processes take longer to start than an upload takes. */
export const idleTasks = () => ({ runner: idleRunner, workers: { ...createWorkerPool(), async warmUp() {} } })
