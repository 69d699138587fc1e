// A folder of backups:
//
//   builder-hub-backup.json         says that the folder is one of backups: only there is anything removed
//   blobs/ab/abcdef…                content, by its SHA-256; all snapshots share it
//   snapshots/TIME/database.…       the database
//   snapshots/TIME/blobs.txt        a line for each blob that the database refers to: SHA-256, space, size in bytes
//   snapshots/TIME/keys/            the keys of the site, if the operator wants them there
//   snapshots/TIME/manifest.json    written last: without it a snapshot is unfinished
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { writeDurably } from '../blobs/durable-files.ts'
import { DomainError } from '../errors.ts'

/** A folder that is no folder of backups, or a snapshot that it lacks. */
export class NoBackupError extends DomainError {
  override readonly name = 'NoBackupError'
}

/** A name without a path. */
const FileName = z.string().regex(/^\w+\.\w+$/)
const FileFacts = z.object({ file: FileName, sizeBytes: z.number(), sha256: z.string() })

const Manifest = z.object({
  /** Of this format. */
  format: z.literal(1),
  /** Of the program that made the snapshot. */
  version: z.string(),
  /** When the snapshot was begun. Builds that were acknowledged before are in it. */
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  engine: z.enum(['sqlite', 'postgresql']),
  /** Names of the migrations that the database has. */
  migrations: z.array(z.string()),
  counts: z.object({ builds: z.number(), jobs: z.number(), users: z.number() }),
  database: FileFacts,
  /** Absent: it was made without the keys of the site. */
  keys: z.array(FileFacts).optional(),
  /** The list of blobs; `count` and `contentBytes` are of the blobs. */
  blobs: FileFacts.extend({ count: z.number(), contentBytes: z.number() }),
  /** Blobs that the database refers to, and that were lost or damaged on the site. At most 1,000 are named. */
  lost: z.object({
    count: z.number(),
    named: z.array(z.object({ id: z.string(), problem: z.enum(['missing', 'damaged']) })),
  }),
})

export type Manifest = z.infer<typeof Manifest>
export type Snapshot = { name: string; folder: string; manifest: Manifest }
export type ListedBlobOfBackup = { id: BlobId; sizeBytes: number }

export const blobsOf = (dir: string): string => join(dir, 'blobs')
export const snapshotsOf = (dir: string): string => join(dir, 'snapshots')
export const listFile = 'blobs.txt'
const manifestFile = 'manifest.json'

/** Path of a blob in a folder of blobs. */
export const blobFile = (folder: string, id: string): string => join(folder, id.slice(0, 2), id)

/** Writes the manifest of a snapshot, durably: the snapshot is finished then. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeDurably(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Of a snapshot, in the form of `nameOfTime`. All else in the folder is not ours. */
const snapshotName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/

/** E.g. `2026-11-29T23-15-00.123Z`. */
export const nameOfTime = (time: Date): string => time.toISOString().replaceAll(':', '-')

/** Names of all snapshots, the oldest first, and whether they are finished. Throws NoBackupError. */
export async function listSnapshots(dir: string): Promise<{ name: string; isFinished: boolean }[]> {
  let entries
  try {
    entries = await readdir(snapshotsOf(dir), { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error
    throw new NoBackupError(`${dir} is no folder of backups: "hub backup ${dir}" makes one`)
  }
  const names = entries.flatMap((one) => (one.isDirectory() && snapshotName.test(one.name) ? [one.name] : []))
  return Promise.all(
    names.sort().map(async (name) => {
      const files = await readdir(join(snapshotsOf(dir), name))
      return { name, isFinished: files.includes(manifestFile) }
    }),
  )
}

/** A finished snapshot: the newest one, or the one of a name. Throws NoBackupError. */
export async function readSnapshot(dir: string, name?: string): Promise<Snapshot> {
  const finished = (await listSnapshots(dir)).filter(({ isFinished }) => isFinished)
  const found = name === undefined ? finished.at(-1) : finished.find((one) => one.name === name)
  if (!found)
    throw new NoBackupError(
      name === undefined
        ? `${dir} has no finished backup: run "hub backup ${dir}"`
        : `${dir} has no finished backup ${name}: "hub backup list ${dir}" lists them`,
    )
  const folder = join(snapshotsOf(dir), found.name)
  const path = join(folder, manifestFile)
  try {
    const manifest = Manifest.parse(JSON.parse(await readFile(path, 'utf8')))
    return { name: found.name, folder, manifest }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw new NoBackupError(`${path} is damaged, or of a newer version: use another snapshot (--snapshot)`)
  }
}

const lineFormat = /^([0-9a-f]{64}) (\d{1,15})$/

/** The blobs of a list, some at a time, in their order. Throws NoBackupError at a line that is none, or is out of order. */
export async function* readBlobList(file: string): AsyncGenerator<ListedBlobOfBackup[], void, void> {
  let some: ListedBlobOfBackup[] = []
  let before = ''
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const [, id, size] = lineFormat.exec(line) ?? []
    if (id === undefined || id <= before)
      throw new NoBackupError(`${file} is damaged: use another snapshot (--snapshot)`)
    before = id
    if (some.push({ id: toBlobId(id), sizeBytes: Number(size) }) < 256) continue
    yield some
    some = []
  }
  yield some
}

export const lineOf = ({ id, sizeBytes }: ListedBlobOfBackup): string => `${id} ${sizeBytes}\n`
