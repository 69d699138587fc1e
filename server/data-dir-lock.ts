import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Another server serves this data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError'
}

/**
 * One server per data directory: a second server would delete the uploads in flight of the first. The lock is
 * SQLite's lock on a file of its own. The system releases it however the process ends.
 */
export function lockDataDir(
  dataDir: string,
  { timeoutMs = 2_000 }: { timeoutMs?: number } = {},
): { release: () => void } {
  return lockByFile(
    join(dataDir, 'server.lock'),
    `another server uses ${dataDir}: stop it, or give this one its own --data-dir`,
    timeoutMs,
  )
}

/** Takes the lock `file`, which is made if it is missing. Throws DataDirInUseError with `message` if another process has it. */
export function lockByFile(file: string, message: string, timeoutMs = 2_000): { release: () => void } {
  const lock = new Database(file, { timeout: timeoutMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
    throw new DataDirInUseError(message)
  }
  return { release: () => lock.close() }
}
