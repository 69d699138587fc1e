// A process that will be killed while its worker has a task that never ends; tells the worker's pid.
import { join } from 'node:path'
import { createWorkerPool } from '../../../server/workers/worker-pool.ts'
import type { HostileTasks } from './hostile-worker.ts'

const pool = createWorkerPool<HostileTasks>({
  file: join(import.meta.dirname, 'hostile-worker.ts'),
  maxProcesses: 1,
})
const worker = await pool.run('whichProcess', undefined)
void pool.run('never', undefined, { timeoutMs: 600_000 })
process.send?.(worker)
