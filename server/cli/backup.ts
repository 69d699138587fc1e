import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { listSnapshots, readSnapshot, type Snapshot } from '../backup/backup-folder.ts'
import { checkApart } from '../backup/backup-place.ts'
import { noteBackup } from '../backup/last-backup.ts'
import { copierToBackup, isInObjects, openBackupObjects } from '../backup/backup-stores.ts'
import { makeBackup, type MadeBackup } from '../backup/make-backup.ts'
import { pruneBackups, type Keep } from '../backup/prune-backups.ts'
import { pushSnapshot } from '../backup/remote-backups.ts'
import { verifyBackup, type BackupProblem, type LookedAtBlobs } from '../backup/verify-backup.ts'
import { formatByteSize } from '../byte-size.ts'
import { readConfig, type Config } from '../config.ts'
import { makeDataDir } from '../data-dir.ts'
import { siteDatabaseOf, type SiteDatabase } from '../database/site-database.ts'
import { announce } from '../event-log/announce.ts'
import { readVersion } from '../site/read-version.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { describeProgress, describePruned, describeSnapshot, shownSnapshot } from './print-backup.ts'
import { progressOf, type Progress } from './progress.ts'
import { environmentOf } from './settings.ts'
import { withBackups } from './with-backups.ts'
import { checkPresent, DatabaseOlderError, migrateUnlessServed } from './with-database.ts'

type BackupFlags = {
  keepDaily?: number
  keepWeekly?: number
  keys: boolean
  copy: boolean
  check: boolean
  migrate: boolean
  dryRun: boolean
  json: boolean
}

/** `hub backup DIR`, `hub backup list DIR`, `hub backup verify DIR` */
export function addBackupCommands(hub: Command): void {
  const backup = hub
    .command('backup')
    .description(
      'save the database, and all content of builds that it refers to, in a folder, while the server runs. Content that ' +
        'the folder has already is not copied again. On the same file system, content is shared by hard links: use ' +
        'another disk, or copy the folder to one. Exits with 3 if content is lost on the site; all else is saved then',
    )
    .argument(
      '<folder>',
      'folder of backups, which is made if it is missing, or s3://BUCKET/PREFIX?endpoint=https://HOST',
    )
    .option('--keep-daily <days>', 'then remove older backups, but keep one a day for so many days', toCount)
    .option(
      '--keep-weekly <weeks>',
      'then remove older backups, but keep one a week for so many weeks',
      toCount,
    )
    .option(
      '--keys',
      'save the keys of the site, too: whoever reads such a backup can sign as the site and open its secrets',
      false,
    )
    .option('--copy', 'copy content also where hard links are possible', false)
    .option(
      '--check',
      'read all content, also what the folder has already, and replace damaged copies',
      false,
    )
    .option('--migrate', 'migrate a database of an older version first, which is refused otherwise', false)
    .option(
      '--dry-run',
      'make no backup: print which ones --keep-daily and --keep-weekly would remove',
      false,
    )
    .option('--json', 'print JSON', false)
    .action((place: string, _options: BackupFlags, command: Command) => runBackup(place, command))
  addExamples(backup, [
    'hub backup /mnt/backup/hub',
    'hub backup /mnt/backup/hub --keep-daily 7 --keep-weekly 4',
    'hub backup /mnt/encrypted/hub --keys',
    'hub backup "s3://backups/hub?endpoint=https://s3.example.org"',
    'hub backup verify /mnt/backup/hub --sample 1000',
  ])

  const list = backup
    .command('list')
    .description('print the backups in a folder, the oldest first')
    .argument('<folder>', 'folder of backups, or s3://…')
    .option('--json', 'print JSON', false)
    .action(async (place: string, _options: unknown, command: Command) => {
      const { stdout } = ioOf(command)
      const snapshots: Snapshot[] = []
      await withBackups(command, place, false, async ({ dir }) => {
        for (const { name, isFinished } of await listSnapshots(dir))
          if (isFinished) snapshots.push(await readSnapshot(dir, name))
      })
      if (command.optsWithGlobals<{ json: boolean }>().json)
        stdout.write(`${JSON.stringify(snapshots.map(shownSnapshot), null, 2)}\n`)
      else for (const snapshot of snapshots) stdout.write(`${describeSnapshot(snapshot)}\n`)
    })
  addExamples(list, ['hub backup list /mnt/backup/hub', 'hub backup list /mnt/backup/hub --json'])

  const verify = backup
    .command('verify')
    .description(
      'compare a backup with its manifest: the database, and that all content is there. Prints what is wrong, and exits ' +
        'with 3 if anything is',
    )
    .argument('<folder>', 'folder of backups, or s3://…')
    .option('--snapshot <name>', 'which backup (default: the newest one)')
    .option('--all', 'read all content, and compare its hashes', false)
    .option('--sample <number>', 'read the content of about so many files', toCount)
    .option('--json', 'print JSON', false)
    .action(async (place: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<{
        snapshot?: string
        all: boolean
        sample?: number
        json: boolean
      }>()
      await withBackups(command, place, flags.snapshot ?? true, async ({ dir, blobs }) => {
        const snapshot = await readSnapshot(dir, flags.snapshot)
        const sample = flags.all ? 'all' : (flags.sample ?? 0)
        await runVerify(place, blobs, snapshot, sample, flags.json, ioOf(command))
      })
    })
  addExamples(verify, [
    'hub backup verify /mnt/backup/hub',
    'hub backup verify /mnt/backup/hub --all --snapshot 2026-11-29T23-15-00.123Z',
  ])
}

function toCount(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('it must be a whole number, in digits')
  return Number(text)
}

async function runBackup(place: string, command: Command): Promise<void> {
  const io = ioOf(command)
  const flags = command.opts<BackupFlags>()
  const keep: Keep | null =
    flags.keepDaily === undefined && flags.keepWeekly === undefined
      ? null
      : { daily: flags.keepDaily ?? 0, weekly: flags.keepWeekly ?? 0 }
  const config = readConfig(environmentOf(command))
  const isRemote = isInObjects(place)
  if (isRemote && (keep || flags.dryRun))
    command.error(
      'error: --keep-daily, --keep-weekly and --dry-run are for folders: backups in an object store stay',
    )
  // The database is saved here before it is put into an object store.
  const dir = isRemote ? join(config.dataDir, 'outgoing-backup') : resolve(place)
  if (!isRemote) await checkApart(dir, config)
  if (flags.dryRun) {
    if (!keep) command.error('error: --dry-run needs --keep-daily or --keep-weekly')
    const pruned = await pruneBackups(dir, keep, true)
    return void io.stdout.write(
      flags.json ? `${JSON.stringify(pruned, null, 2)}\n` : describePruned(pruned, true),
    )
  }
  const progress = progressOf(io)
  const database = await siteDatabaseOf(config)
  await checkPresent(config, database, { isCreated: false })
  if (flags.migrate) {
    makeDataDir(config.dataDir)
    await migrateUnlessServed(config.dataDir, database)
  } else await checkSchema(database)
  const made = await save(dir, isRemote ? place : null, config, flags, database, progress).catch(
    async (error: unknown) => {
      await tellFailure(database, shownPlace(place), error)
      throw error
    },
  )
  progress.clear()
  await tellSite(config.dataDir, shownPlace(place), made, io)
  const pruned = keep ? await pruneBackups(dir, keep, false) : null
  const { lost } = made.manifest
  if (flags.json) {
    const added = { newCount: made.newCount, newBytes: made.newBytes }
    io.stdout.write(`${JSON.stringify({ ...shownSnapshot(made), ...added, pruned }, null, 2)}\n`)
  } else {
    io.stdout.write(
      `${describeSnapshot(made)}\n${made.newCount} files are new (${formatByteSize(made.newBytes)})\n` +
        (pruned ? describePruned(pruned, false) : ''),
    )
    for (const { id, problem } of lost.named) io.stdout.write(`${problem} on the site: ${id}\n`)
  }
  if (lost.count > 0)
    throw new FoundProblemsError(
      `${lost.count} files of builds are lost or damaged on the site, and are not in the backup. All else is saved`,
    )
}

/** Makes a backup in a folder. With an address of objects, its content goes there, and then what is in the folder. */
async function save(
  dir: string,
  address: string | null,
  config: Config,
  flags: BackupFlags,
  database: SiteDatabase,
  progress: Progress,
): Promise<MadeBackup> {
  const remote = address === null ? null : await openBackupObjects(address, config, join(dir, 'staging'))
  const copying = { isCopied: flags.copy, isChecked: flags.check }
  return makeBackup({
    ...{ dir, database, version: readVersion() },
    copier: await copierToBackup(config, remote ?? { dir }, copying),
    ...(flags.keys ? { keysFrom: config.dataDir } : {}),
    ...(remote
      ? {
          async onMade(snapshot: Snapshot) {
            await pushSnapshot(remote.objects, snapshot)
            await rm(snapshot.folder, { recursive: true })
          },
        }
      : {}),
    onProgress: (now) => progress.show(describeProgress(now)),
  })
}

/** An address without its parameters. */
const shownPlace = (place: string): string =>
  isInObjects(place) ? place.replace(/\?.*/, '') : resolve(place)

/** Writes the event of a backup that failed. What failed may be the database: then nobody is told. */
async function tellFailure(stored: SiteDatabase, folder: string, error: unknown): Promise<void> {
  try {
    const database = await stored.open()
    const at = new Date()
    const text = `the backup to ${folder} failed: ${error instanceof Error ? error.message : String(error)}`
    const event = {
      ...{ type: 'backup.failed' as const, dedupeKey: `backup.failed ${at.toISOString()}` },
      ...{ job: null, platform: null, build: null, data: { text: text.slice(0, 1_000), folder } },
    }
    try {
      await database.writer.transact(['tasks'], (tx) => announce(tx, [event], at))
    } finally {
      await database.closeDatabase()
    }
  } catch {
    // The command says why the backup failed.
  }
}

/** The backup is whole, whether the site can note it or not. */
async function tellSite(dataDir: string, folder: string, made: MadeBackup, io: CommandIo): Promise<void> {
  const { lost, finishedAt } = made.manifest
  const backup = { folder, name: made.name, finishedAt: new Date(finishedAt), lostCount: lost.count }
  await noteBackup(dataDir, backup).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    io.stderr.write(`the metrics and "hub doctor" do not learn of this backup: ${reason}\n`)
  })
}

/** A backup changes nothing: it does not migrate, as other commands do. Throws DatabaseOlderError. */
async function checkSchema(database: SiteDatabase): Promise<void> {
  // Also refuses a database of a newer version.
  const missing = await database.plan('up')
  if (missing.length === 0) return
  throw new DatabaseOlderError(
    `${database.name} is of an older version (it lacks ${missing.join(', ')}): run "hub backup" of that version, ` +
      'which saves it as it is. With --migrate this version migrates it first. Nothing was changed',
  )
}

async function runVerify(
  place: string,
  blobs: LookedAtBlobs,
  snapshot: Snapshot,
  sample: number | 'all',
  isJson: boolean,
  io: CommandIo,
): Promise<void> {
  const progress = progressOf(io)
  const show = (problem: BackupProblem) =>
    isJson ? JSON.stringify(problem) : `${problem.what} ${problem.name}: ${problem.problem}`
  let count = 0
  const found = verifyBackup(blobs, snapshot, {
    sample,
    onProgress: (done, of) => progress.show(`${done} of ${of} files`),
  })
  for await (const problem of found) {
    count++
    progress.clear()
    io.stdout.write(`${show(problem)}\n`)
  }
  progress.clear()
  if (count > 0)
    throw new FoundProblemsError(
      `${snapshot.name} has ${count} problems: "hub backup ${place} --check" replaces damaged copies from the site`,
    )
  if (!isJson) io.stdout.write(`${describeSnapshot(snapshot)}: nothing is wrong\n`)
}
