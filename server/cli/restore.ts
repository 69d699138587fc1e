import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readSnapshot } from '../backup/backup-folder.ts'
import { checkApart } from '../backup/backup-place.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import { readConfig } from '../config.ts'
import { makeDataDir } from '../data-dir.ts'
import { siteDatabaseOf } from '../database/site-database.ts'
import { lockSite } from '../lock-site.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { progressOf } from './progress.ts'
import { environmentOf } from './settings.ts'

/** `hub restore DIR` */
export function addRestoreCommand(hub: Command): void {
  const restore = hub
    .command('restore')
    .description(
      'restore a backup, with its users, into an empty data directory (on PostgreSQL also an empty database). When it is ' +
        'interrupted, run it again: it goes on. Exits with 3 if content is missing in the backup, or was lost on the site already; all else is restored then',
    )
    .argument('<folder>', 'folder of backups')
    .option('--snapshot <name>', 'which backup, as "hub backup list" names it (default: the newest one)')
    .option('--json', 'print JSON', false)
    .action(async (folder: string, flags: { snapshot?: string; json: boolean }, command: Command) => {
      const { stdout } = ioOf(command)
      const progress = progressOf(ioOf(command))
      const { dataDir, blobDir, databaseUrl, ...config } = readConfig(environmentOf(command))
      const snapshot = await readSnapshot(resolve(folder), flags.snapshot)
      const database = await siteDatabaseOf({ databaseUrl, ...config })
      // Before the data directory is made.
      await checkApart(resolve(folder), { dataDir, blobDir })
      makeDataDir(dataDir)
      const lock = await lockSite(dataDir, database)
      try {
        const restored = await restoreBackup(
          resolve(folder),
          snapshot,
          { dataDir, blobDir, database, engine: databaseUrl === '' ? 'sqlite' : 'postgresql' },
          (done, of) => progress.show(`${done} of ${of} files`),
        )
        progress.clear()
        const { builds, users } = snapshot.manifest.counts
        if (flags.json)
          stdout.write(
            `${JSON.stringify({ snapshot: snapshot.name, builds, users, ...restored }, null, 2)}\n`,
          )
        else {
          stdout.write(
            `${snapshot.name} is restored in ${dataDir}: ${builds} builds, ${users} users, ${restored.count} files\n`,
          )
          for (const { id, problem } of restored.lost.named) stdout.write(`${problem} in the backup: ${id}\n`)
          for (const { id, problem } of restored.lostOnSite.named)
            stdout.write(`${problem} on the site when the backup was made: ${id}\n`)
        }
        const { lost, lostOnSite } = restored
        if (lost.count + lostOnSite.count > 0)
          throw new FoundProblemsError(
            `${lost.count} files of builds are missing or damaged in the backup, and ${lostOnSite.count} were so on the site ` +
              'when the backup was made. All else is restored',
          )
      } finally {
        await lock.release()
      }
    })
  addExamples(restore, [
    'hub restore /mnt/backup/hub --data-dir /var/lib/builder-hub',
    'hub restore /mnt/backup/hub --snapshot 2026-11-29T23-15-00.123Z --data-dir /var/lib/builder-hub',
  ])
}
