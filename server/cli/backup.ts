import { resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { listSnapshots, readSnapshot, type Snapshot } from '../backup/backup-folder.ts'
import { checkApart } from '../backup/backup-place.ts'
import { noteBackup } from '../backup/last-backup.ts'
import { makeBackup, type BackupProgress, type MadeBackup } from '../backup/make-backup.ts'
import { pruneBackups, type Keep, type Pruned } from '../backup/prune-backups.ts'
import { verifyBackup, type BackupProblem } from '../backup/verify-backup.ts'
import { formatByteSize } from '../byte-size.ts'
import { readConfig } from '../config.ts'
import { makeDataDir } from '../data-dir.ts'
import { siteDatabaseOf, type SiteDatabase } from '../database/site-database.ts'
import { announce } from '../event-log/announce.ts'
import { readVersion } from '../site/read-version.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { progressOf } from './progress.ts'
import { environmentOf } from './settings.ts'
import { checkPresent, DatabaseOlderError, migrateUnlessServed } from './with-database.ts'

type BackupFlags = {
  keepDaily?: number
  keepWeekly?: number
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
    .argument('<folder>', 'folder of backups; made if it is missing')
    .option('--keep-daily <days>', 'then remove older backups, but keep one a day for so many days', toCount)
    .option(
      '--keep-weekly <weeks>',
      'then remove older backups, but keep one a week for so many weeks',
      toCount,
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
    .action((folder: string, _options: BackupFlags, command: Command) => runBackup(resolve(folder), command))
  addExamples(backup, [
    'hub backup /mnt/backup/hub',
    'hub backup /mnt/backup/hub --keep-daily 7 --keep-weekly 4',
    'hub backup verify /mnt/backup/hub --sample 1000',
  ])

  const list = backup
    .command('list')
    .description('print the backups in a folder, the oldest first')
    .argument('<folder>', 'folder of backups')
    .option('--json', 'print JSON', false)
    .action(async (folder: string, _options: unknown, command: Command) => {
      const { stdout } = ioOf(command)
      const snapshots = []
      for (const { name, isFinished } of await listSnapshots(resolve(folder)))
        if (isFinished) snapshots.push(await readSnapshot(resolve(folder), name))
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
    .argument('<folder>', 'folder of backups')
    .option('--snapshot <name>', 'which backup (default: the newest one)')
    .option('--all', 'read all content, and compare its hashes', false)
    .option('--sample <number>', 'read the content of about so many files', toCount)
    .option('--json', 'print JSON', false)
    .action(async (folder: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<{
        snapshot?: string
        all: boolean
        sample?: number
        json: boolean
      }>()
      const snapshot = await readSnapshot(resolve(folder), flags.snapshot)
      await runVerify(
        resolve(folder),
        snapshot,
        flags.all ? 'all' : (flags.sample ?? 0),
        flags.json,
        ioOf(command),
      )
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

async function runBackup(dir: string, command: Command): Promise<void> {
  const io = ioOf(command)
  const flags = command.opts<BackupFlags>()
  const keep: Keep | null =
    flags.keepDaily === undefined && flags.keepWeekly === undefined
      ? null
      : { daily: flags.keepDaily ?? 0, weekly: flags.keepWeekly ?? 0 }
  const config = readConfig(environmentOf(command))
  await checkApart(dir, config)
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
  const made = await makeBackup({
    ...{ dir, blobDir: config.blobDir, version: readVersion(), isCopied: flags.copy, isChecked: flags.check },
    database,
    onProgress: (now) => progress.show(describeProgress(now)),
  }).catch(async (error: unknown) => {
    await tellFailure(database, dir, error)
    throw error
  })
  progress.clear()
  await tellSite(config.dataDir, dir, made, io)
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

const describeProgress = ({ step, doneCount, count, newBytes }: BackupProgress) =>
  step === 'database' ? 'the database' : `${doneCount} of ${count} files, ${formatByteSize(newBytes)} new`

const shownSnapshot = ({ name, manifest }: Snapshot) => ({ name, ...manifest })

function describeSnapshot({ name, manifest: { counts, database, blobs, lost } }: Snapshot): string {
  const size = formatByteSize(database.sizeBytes + blobs.contentBytes)
  const missing = lost.count > 0 ? `, ${lost.count} lost on the site` : ''
  return `${name}: ${counts.builds} builds, ${counts.users} users, ${blobs.count} files, ${size}${missing}`
}

function describePruned({ kept, removed, removedBlobs, freedBytes }: Pruned, isDryRun: boolean): string {
  const names = removed.map((name) => `  ${name}\n`).join('')
  const verb = isDryRun ? 'would be removed' : 'removed'
  return `${kept.length} backups kept, ${removed.length} ${verb}:\n${names}${removedBlobs} files of them ${verb} (${formatByteSize(freedBytes)})\n`
}

async function runVerify(
  dir: string,
  snapshot: Snapshot,
  sample: number | 'all',
  isJson: boolean,
  io: CommandIo,
): Promise<void> {
  const progress = progressOf(io)
  const show = (problem: BackupProblem) =>
    isJson ? JSON.stringify(problem) : `${problem.what} ${problem.name}: ${problem.problem}`
  let count = 0
  const found = verifyBackup(dir, snapshot, {
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
      `${snapshot.name} has ${count} problems: "hub backup ${dir} --check" replaces damaged copies from the site`,
    )
  if (!isJson) io.stdout.write(`${describeSnapshot(snapshot)}: nothing is wrong\n`)
}
