import { lockDataDir } from './data-dir-lock.ts'

type Lock = { release: () => Promise<void> }

/** One server uses a data directory and its database, or one command in its place. Throws DataDirInUseError. */
export async function lockSite(dataDir: string, database: { lock: () => Promise<Lock> }): Promise<Lock> {
  const ofDataDir = lockDataDir(dataDir)
  try {
    const ofDatabase = await database.lock()
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
