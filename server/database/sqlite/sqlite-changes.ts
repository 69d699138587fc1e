import BetterSqlite3 from 'better-sqlite3'
import { countsOf, type ChangeCounts } from '../../changes/change.ts'
import type { ChangeFeed, ChangeListeners } from '../../changes/change-feed.ts'
import { faultWatch } from '../../changes/fault-watch.ts'
import type { Log } from '../../log.ts'

/** Changes of other processes reach listeners within this time, if no answer looks for them before. */
const listenEveryMs = 200

/**
 * The changes of a database in a file. SQLite's data_version moves with each commit of another connection, and takes some
 * microseconds to read. Commits of queued tasks move it most of the time, so the counts are read then.
 */
export function sqliteChanges(
  file: string,
  { on, listenerCount, replace, forget, forgetAnswers }: ChangeListeners,
  log: Pick<Log, 'warn' | 'info'>,
): ChangeFeed & { close: () => void } {
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let connection: ReturnType<typeof connect> | undefined
  let version: number | undefined
  const fault = faultWatch({ forget, forgetAnswers }, log)

  function look(): undefined {
    if (isClosed) return
    try {
      connection ??= connect(file)
      const now = connection.version()
      if (now !== version) {
        replace(connection.counts())
        version = now
      }
      fault.ended()
    } catch (error) {
      // Locked for a moment by a process that recovers the file: what it has changed is unknown.
      version = undefined
      fault.noted(error)
    }
  }

  return {
    on,
    listenerCount,
    look,
    listen() {
      timer ??= setInterval(look, listenEveryMs).unref()
      look()
      return Promise.resolve()
    },
    close() {
      isClosed = true
      clearInterval(timer)
      connection?.close()
    },
  }
}

function connect(file: string): { version: () => number; counts: () => ChangeCounts; close: () => void } {
  const sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: 0 })
  try {
    const version = sqlite.prepare<[], number>('PRAGMA data_version').pluck()
    const counts = sqlite.prepare<[], { kind: string; value: number }>(
      'SELECT kind, value FROM "ChangeCount"',
    )
    return {
      version: () => version.get() ?? 0,
      counts: () => countsOf(counts.all()),
      close: () => void sqlite.close(),
    }
  } catch (error) {
    sqlite.close()
    throw error
  }
}
