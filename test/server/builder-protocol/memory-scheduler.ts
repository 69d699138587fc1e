import { randomUUID } from 'node:crypto'
import type { ExecResult } from '../../../server/formats/exec-record.ts'
import type { LiveConsole, LiveConsoles } from '../../../server/live-console/live-console.ts'
import { TryOverError } from '../../../server/scheduling/errors.ts'
import type {
  AssignedTry,
  BuiltFile,
  ConnectedWorker,
  Scheduler,
  StopReason,
} from '../../../server/scheduling/scheduler.ts'
import { join } from '../../formats/whole-record.ts'

type Finished = { uuid: string; result: ExecResult; files: { path: string; data: string }[] }

/** What links of workers told a scheduler that has one queue for all, in memory. */
export type MemoryScheduler = Scheduler & {
  workers: ConnectedWorker[]
  finished: Finished[]
  lost: { uuid: string; why: string }[]
  started: string[]
  /** Gives a run to a worker that waits, or to the next one. */
  queue: (script: string) => Promise<AssignedTry>
  stop: (uuid: string, reason: StopReason) => Promise<void>
  connections: () => number
  /** Begins a new test: what it was told is forgotten. */
  forget: () => void
  /** Called before the files of a finished run are read. */
  onFinish: (uuid: string) => Promise<void>
}

export function memoryScheduler(consoles: LiveConsoles): MemoryScheduler {
  const queued: AssignedTry[] = []
  const waiting: ((attempt: AssignedTry) => void)[] = []
  const running = new Map<
    string,
    { attempt: AssignedTry; console: LiveConsole; onStop: (r: StopReason) => void }
  >()
  let connections = 0

  function found(uuid: string) {
    const run = running.get(uuid)
    if (!run) throw new TryOverError(uuid)
    return run
  }

  const scheduler: MemoryScheduler = {
    workers: [],
    finished: [],
    lost: [],
    started: [],
    forget() {
      for (const told of [scheduler.workers, scheduler.finished, scheduler.lost, scheduler.started])
        told.length = 0
    },
    onFinish: async () => {},
    connections: () => connections,
    async queue(script) {
      const uuid = randomUUID()
      const attempt: AssignedTry = {
        ...{ uuid, runUuid: uuid, job: 'hello', platform: 'debian-12', script: Buffer.from(script) },
        ...{ timeoutMs: 3_600_000, assignedAt: new Date() },
        limits: { allowsNetwork: true, memoryBytes: null, diskBytes: null, cpus: 1.5 },
      }
      running.set(uuid, { attempt, console: await consoles.open(uuid), onStop: () => {} })
      const next = waiting.shift()
      if (next) next(attempt)
      else queued.push(attempt)
      return attempt
    },
    async stop(uuid, reason) {
      const run = found(uuid)
      running.delete(uuid)
      await run.console.end(reason.message)
      run.onStop(reason)
    },
    start: async () => {},
    close: async () => {},
    async connect(worker) {
      scheduler.workers.push(worker)
      connections++
      return {
        request(signal) {
          const next = queued.shift()
          if (next) return Promise.resolve(next)
          return new Promise((resolve, reject) => {
            waiting.push(resolve)
            signal.addEventListener('abort', () => {
              const at = waiting.indexOf(resolve)
              if (at >= 0) waiting.splice(at, 1)
              reject(new Error('aborted'))
            })
          })
        },
        async resume(uuid) {
          const run = running.get(uuid)
          return run ? { attempt: run.attempt, lineCount: run.console.lineCount } : null
        },
        started: async (uuid) => void scheduler.started.push(uuid),
        console: (uuid) => found(uuid).console,
        onStop(uuid, listener) {
          const run = running.get(uuid)
          if (!run) {
            listener({ kind: 'CANCELLED', message: 'it is over' })
            return () => {}
          }
          run.onStop = listener
          return () => (run.onStop = () => {})
        },
        async finish(uuid, result, files: AsyncIterable<BuiltFile>) {
          const run = found(uuid)
          await scheduler.onFinish(uuid)
          const read = []
          for await (const { path, chunks } of files)
            read.push({ path, data: (await join(chunks)).toString() })
          running.delete(uuid)
          scheduler.finished.push({ uuid, result, files: read })
          await run.console.end('exited 0')
        },
        async lost(uuid, why) {
          if (running.has(uuid)) scheduler.lost.push({ uuid, why })
        },
        close: async () => void connections--,
      }
    },
  }
  return scheduler
}
