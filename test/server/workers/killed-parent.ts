// A process that will be killed while its worker has a task that never ends; tells the worker's pid.
import { createWorkerPool } from '../../../server/workers/worker-pool.ts'
import { testProgram } from '../../programs.ts'
import type { HostileTasks } from './hostile-worker.ts'

const pool = createWorkerPool<HostileTasks>({
  file: testProgram('hostile-worker'),
  maxProcesses: 1,
})
const worker = await pool.run('whichProcess', undefined)
void pool.run('never', undefined, { timeoutMs: 600_000 })
process.send?.(worker)
