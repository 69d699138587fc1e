import { lockDataDir, type DataDirInUseError } from './data-dir-lock.ts'

type Lock = { release: () => Promise<void> }

/**
 * One server uses a data directory and its database, or one command in its place. `onLost`: another server has taken the
 * database. Throws DataDirInUseError.
 */
export async function lockSite(
  dataDir: string,
  database: { lock: (onLost?: (error: DataDirInUseError) => void) => Promise<Lock> },
  onLost?: (error: DataDirInUseError) => void,
): Promise<Lock> {
  const ofDataDir = lockDataDir(dataDir)
  try {
    const ofDatabase = await database.lock(onLost)
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
