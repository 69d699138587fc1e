import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/**
 * Where the databases of tests are: in memory, where a commit does not wait for a disk, and PostgreSQL copies a database in
 * a tenth of the time. Tests of what survives have their data on a disk. Source: shm_overview(7).
 */
export const databasesDir = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir()

function hasRoom(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize > 1024 ** 3
  } catch {
    return false
  }
}
