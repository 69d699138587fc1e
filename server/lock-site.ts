import { lockDataDir, type DataDirInUseError } from './data-dir-lock.ts'

type LockOptions = { isShared?: boolean }
type Lock = { release: () => Promise<void> }

/**
 * One server uses a data directory and its database, or one command in its place. `isShared`: other servers use the database, too, with
 * data directories of their own, but no command does. `onLost`: another server has taken the database. Throws DataDirInUseError.
 */
export async function lockSite(
  dataDir: string,
  database: {
    lock: (onLost?: (error: DataDirInUseError) => void, options?: LockOptions) => Promise<Lock>
  },
  onLost?: (error: DataDirInUseError) => void,
  options: LockOptions = {},
): Promise<Lock> {
  const ofDataDir = lockDataDir(dataDir)
  try {
    const ofDatabase = await database.lock(onLost, options)
    return {
      async release() {
        await ofDatabase.release()
        ofDataDir.release()
      },
    }
  } catch (error) {
    ofDataDir.release()
    throw error
  }
}
