import { open, type FileHandle } from 'node:fs/promises'

export type WalSync = {
  /** Resolves when all that was committed before the call is on the disk. Calls of one moment share a sync. */
  sync: () => Promise<void>
  close: () => Promise<void>
}

/**
 * Brings the write-ahead log of a database to the disk outside of the thread on which SQLite runs: a commit with
 * `synchronous = FULL` stops the event loop until the disk has answered. Source: https://sqlite.org/pragma.html#pragma_synchronous
 */
export function syncOfWal(databaseFile: string): WalSync {
  let handle: FileHandle | null = null
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  async function syncNow(): Promise<void> {
    // SQLite keeps the file as long as a connection is open.
    handle ??= await open(`${databaseFile}-wal`, 'r')
    await handle.datasync()
  }

  function start(): Promise<void> {
    next = null
    const started = syncNow().finally(() => {
      if (running === started) running = null
    })
    running = started
    return started
  }

  return {
    sync() {
      // One that runs may have begun before the commit.
      if (running) next ??= running.then(start, start)
      return next ?? start()
    },
    async close() {
      await next?.catch(() => {})
      await running?.catch(() => {})
      await handle?.close()
    },
  }
}
