import type { Command } from 'commander'
import { diskBlobStore } from '../blobs/disk-blob-store.ts'
import type { CopiedToStore } from '../blobs/s3/copy-to-store.ts'
import { s3AddressFault } from '../blobs/s3/s3-address.ts'
import { formatByteSize } from '../byte-size.ts'
import { readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import type { MovedDatabase } from '../database/move-database.ts'
import { siteDatabaseOf } from '../database/site-database.ts'
import { lockSite } from '../lock-site.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { progressOf } from './progress.ts'
import { environmentOf } from './settings.ts'
import { StoppedError, untilSignal } from './until-signal.ts'

/** `hub migrate-store --blobs s3://… --to postgresql://…` */
export function addMigrateStoreCommand(hub: Command): void {
  const migrate = hub
    .command('migrate-store')
    .description(
      'move a site from the files of its data directory to an object store (--blobs), to PostgreSQL (--to), or to both. Content that is there ' +
        'already is not copied again: run it with --blobs while the server runs, stop the server, run it once more, now with --to, and start ' +
        'the server with --blob-store and --database-url. Rows are compared after they are copied. When it is interrupted, run it again: it goes on. Nothing is ' +
        'deleted. Exits with 3 if files are damaged; all others are copied then',
    )
    .option('--blobs <url>', 'where content goes: s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME')
    .option(
      '--to <url>',
      'where the database goes: an empty one, as postgresql://USER@HOST/NAME. The server is stopped',
    )
    .option('--json', 'print JSON', false)
    .action(async ({ blobs, to, json }: { blobs?: string; to?: string; json: boolean }, command: Command) => {
      if (blobs === undefined && to === undefined) command.error('error: name --blobs, --to, or both')
      const fault = blobs === undefined ? null : s3AddressFault(blobs)
      if (fault !== null) command.error(`error: --blobs: ${fault}`)
      if (to !== undefined && !/^postgres(ql)?:\/\/[^/]/.test(to))
        command.error('error: --to: it must be a postgresql:// address')
      const copied = blobs === undefined ? null : await copyBlobs(command, blobs)
      const moved = to === undefined ? null : await moveRows(command, to)
      const { stdout } = ioOf(command)
      if (json) stdout.write(`${JSON.stringify({ ...copied, ...moved }, null, 2)}\n`)
      else {
        if (copied) printCopied(copied, stdout)
        if (moved)
          stdout.write(
            `${counted(moved.rowCount, 'row')} of ${counted(moved.tableCount, 'table')} copied and compared. Start the server with --database-url\n`,
          )
      }
      if (copied && copied.damaged.length > 0) throw new FoundProblemsError(messageOf(copied.damaged.length))
    })
  addExamples(migrate, [
    'hub migrate-store --blobs "s3://hub/site?endpoint=https://s3.example.org"',
    'hub migrate-store --blobs "s3://hub/site?region=eu-central-1" --s3-credentials-file /etc/builder-hub/s3-keys',
    'hub migrate-store --to postgresql://hub@db.example.org/hub',
  ])
}

async function copyBlobs(command: Command, address: string): Promise<CopiedToStore> {
  const progress = progressOf(ioOf(command))
  const { blobDir, stagingDir, s3CredentialsFile } = readConfig(environmentOf(command))
  const [{ openS3Objects }, { probeStore }, { s3BlobStore }, { copyToStore }] = await Promise.all([
    import('../blobs/s3/open-s3-store.ts'),
    import('../blobs/s3/probe-store.ts'),
    import('../blobs/s3/s3-blob-store.ts'),
    import('../blobs/s3/copy-to-store.ts'),
  ])
  const objects = openS3Objects(address, { credentialsFile: s3CredentialsFile })
  const features = await probeStore(objects)
  return untilSignal((signal) =>
    copyToStore(
      diskBlobStore({ dir: blobDir, stagingDir }),
      s3BlobStore({ objects, stagingDir, features }),
      objects,
      {
        signal,
        onProgress: ({ copiedCount, copiedBytes }) =>
          progress.show(`${copiedCount} files copied (${formatByteSize(copiedBytes)})`),
      },
    ),
  ).finally(() => progress.clear())
}

async function moveRows(command: Command, url: string): Promise<MovedDatabase> {
  const progress = progressOf(ioOf(command))
  const { dataDir, databaseFile, databaseUrl } = readConfig(environmentOf(command))
  if (databaseUrl !== '')
    command.error(
      'error: --to: the site is on PostgreSQL already; pg_dump and pg_restore move such a database',
    )
  const { moveDatabase } = await import('../database/move-database.ts')
  const lock = await lockSite(dataDir, await siteDatabaseOf({ databaseUrl: url, databaseFile: '' }))
  try {
    const moved = await untilSignal((signal) =>
      moveDatabase(databaseFile, url, {
        signal,
        onProgress: ({ table, rowCount }) => progress.show(`${counted(rowCount, 'row')} copied (${table})`),
      }),
    ).finally(() => progress.clear())
    if (!moved) throw new StoppedError('the move was stopped: run this again, and it goes on')
    return moved
  } finally {
    await lock.release()
  }
}

function printCopied(
  { copiedCount, copiedBytes, knownCount, damaged }: CopiedToStore,
  stdout: CommandIo['stdout'],
): void {
  stdout.write(
    `${counted(copiedCount, 'file')} copied (${formatByteSize(copiedBytes)}), ${knownCount} were there already\n`,
  )
  for (const id of damaged) stdout.write(`damaged, and not copied: ${id}\n`)
}

const messageOf = (count: number) =>
  `${counted(count, 'file')} of builds ${count === 1 ? 'is' : 'are'} damaged: bring them back from a ` +
  'backup, or upload builds with this content again. All others are copied'
