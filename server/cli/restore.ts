import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { readSnapshot } from '../backup/backup-folder.ts'
import { checkApart } from '../backup/backup-place.ts'
import { copierToSite, isInObjects, openBackupObjects } from '../backup/backup-stores.ts'
import { keysOf } from '../backup/copy-keys.ts'
import { fetchSnapshots } from '../backup/remote-backups.ts'
import { incomingFolder, restoreBackup } from '../backup/restore-backup.ts'
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
    .argument('<folder>', 'folder of backups, or s3://BUCKET/PREFIX?endpoint=https://HOST')
    .option('--snapshot <name>', 'which backup, as "hub backup list" names it (default: the newest one)')
    .option('--json', 'print JSON', false)
    .action(async (place: string, flags: { snapshot?: string; json: boolean }, command: Command) => {
      const { stdout } = ioOf(command)
      const progress = progressOf(ioOf(command))
      const config = readConfig(environmentOf(command))
      const { dataDir, databaseUrl } = config
      const database = await siteDatabaseOf(config)
      // Before the data directory is made.
      if (!isInObjects(place)) {
        await readSnapshot(resolve(place), flags.snapshot)
        await checkApart(resolve(place), config)
      }
      makeDataDir(dataDir)
      const lock = await lockSite(dataDir, database)
      const incoming = join(dataDir, incomingFolder)
      try {
        const remote = isInObjects(place)
          ? await openBackupObjects(place, config, join(incoming, 'staging'))
          : null
        if (remote) await fetchSnapshots(remote.objects, incoming, { whole: flags.snapshot ?? true })
        const dir = remote ? incoming : resolve(place)
        const snapshot = await readSnapshot(dir, flags.snapshot)
        const restored = await restoreBackup(
          snapshot,
          {
            ...{ dataDir, database, engine: databaseUrl === '' ? 'sqlite' : 'postgresql' },
            copier: () => copierToSite(config, remote ?? { dir }),
          },
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
          if (!restored.hasKeys)
            stdout.write(
              `the keys of the site are not in the backup: bring them back to ${keysOf(dataDir)} before the server starts, or ` +
                'webhooks, second factors and package repositories need new ones\n',
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
        await rm(incoming, { recursive: true, force: true })
        await lock.release()
      }
    })
  addExamples(restore, [
    'hub restore /mnt/backup/hub --data-dir /var/lib/builder-hub',
    'hub restore "s3://backups/hub?endpoint=https://s3.example.org" --data-dir /var/lib/builder-hub',
    'hub restore /mnt/backup/hub --snapshot 2026-11-29T23-15-00.123Z --data-dir /var/lib/builder-hub',
  ])
}
