import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { enqueue, type NewTask } from '../../../server/runner/enqueue.ts'
import type { TaskHandler } from '../../../server/runner/handler.ts'
import { createTaskRunner, type RunnerOptions } from '../../../server/runner/task-runner.ts'
import { temporaryDir } from '../../app.ts'
import { freshDatabase } from '../../database.ts'
import { fakeClock } from './fake-clock.ts'

/** A database with queued tasks, and servers that run them. */
export async function taskSite() {
  const dir = temporaryDir()
  const clock = fakeClock()
  const statements: string[] = []
  const database = await freshDatabase(dir, (sql) => statements.push(sql))
  onTestFinished(database.closeDatabase)
  const { changes, db, writer } = database
  return {
    file: join(dir, 'test.sqlite3'),
    clock,
    changes,
    db,
    writer,
    statements,
    add: (...tasks: (Partial<NewTask> & { key: string })[]) =>
      writer.transact([], (tx) =>
        enqueue(
          tx,
          tasks.map((task) => ({ kind: 'A', ifKnown: 'keep', ...task })),
          clock.now(),
        ),
      ),
    row: (key = '') => db.queuedTask.findFirstOrThrow({ where: { key } }),
    /** A server of its own: with its own connections when `isOther`. */
    async server(handlers: TaskHandler[], options: RunnerOptions & { isOther?: boolean } = {}) {
      const { isOther = false, ...rest } = options
      const own = isOther ? await database.openAgain() : database
      const lines: Record<string, unknown>[] = []
      const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
      const runner = createTaskRunner({ ...own, log }, handlers, {
        ...{ clock, random: () => 1, drainMs: 0 },
        ...rest,
      })
      onTestFinished(async () => {
        await runner.close()
        if (isOther) await own.closeDatabase()
      })
      return { runner, lines, ...runner }
    },
  }
}

/** A handler of the kind A that notes the keys that it ran. */
export function noting(parts: Partial<TaskHandler> = {}): TaskHandler & { ran: string[] } {
  const ran: string[] = []
  return {
    ran,
    ...{
      kind: 'A',
      version: 1,
      slots: { max: 1 },
      yieldsToUploads: false,
      maxAttempts: 3,
      retryPauseMs: 1_000,
    },
    changes: () => [],
    run({ key }) {
      ran.push(key)
      return Promise.resolve(key)
    },
    ...parts,
  }
}

/** A promise that a test resolves. */
export function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}
