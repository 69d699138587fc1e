import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { blobsOfObjects, isInObjects, openBackupObjects } from '../backup/backup-stores.ts'
import { fetchSnapshots } from '../backup/remote-backups.ts'
import { blobsOfFolder, type LookedAtBlobs } from '../backup/verify-backup.ts'
import { readConfig } from '../config.ts'
import { environmentOf } from './settings.ts'

/**
 * Runs an action on a folder of backups. Of backups in an object store the folder has the manifests, with `whole` also the other files of
 * that snapshot (true: of the newest one). It is gone afterwards.
 */
export async function withBackups(
  command: Command,
  place: string,
  whole: boolean | string,
  action: (backups: { dir: string; blobs: LookedAtBlobs }) => Promise<void>,
): Promise<void> {
  if (!isInObjects(place)) {
    const dir = resolve(place)
    return action({ dir, blobs: blobsOfFolder(dir) })
  }
  const dir = await mkdtemp(join(tmpdir(), 'builder-hub-backups-'))
  try {
    const remote = await openBackupObjects(place, readConfig(environmentOf(command)), dir)
    await fetchSnapshots(remote.objects, dir, { whole })
    await action({ dir, blobs: blobsOfObjects(remote) })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
