import { lockDataDir, type DataDirInUseError } from './data-dir-lock.ts'
import type { SiteDatabase } from './database/site-database.ts'

type Lock = { release: () => Promise<void> }

/**
 * One server uses a data directory and its database, or one command in its place. `onLost`: another server has taken the
 * database. Throws DataDirInUseError.
 */
export async function lockSite(
  dataDir: string,
  database: Pick<SiteDatabase, 'lock'>,
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
