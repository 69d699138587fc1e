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
  const lock = new Database(join(dataDir, 'server.lock'), { timeout: timeoutMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
    throw new DataDirInUseError(
      `another server uses ${dataDir}: stop it, or give this one its own --data-dir`,
    )
  }
  return { release: () => lock.close() }
}
