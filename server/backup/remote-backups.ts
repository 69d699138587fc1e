import { createWriteStream } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { hashFile } from '../blobs/hash-file.ts'
import type { S3Objects } from '../blobs/s3/s3-objects.ts'
import { NoBackupError, type Snapshot } from './backup-folder.ts'

const manifestFile = 'manifest.json'

/**
 * Puts the files of a snapshot into a place of objects, in the layout of a folder of backups. The manifest is last: without it
 * a snapshot is unfinished.
 */
export async function pushSnapshot(
  objects: S3Objects,
  { name, folder }: Pick<Snapshot, 'name' | 'folder'>,
): Promise<void> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const last = files.filter((file) => file === manifestFile)
  for (const file of [...files.filter((one) => one !== manifestFile), ...last]) {
    const path = join(folder, file)
    const { size: sizeBytes } = await stat(path)
    await objects.put(`snapshots/${name}/${file}`, { file: path, sizeBytes, sha256: await hashFile(path) })
  }
}

/**
 * Brings the manifests of all snapshots of a place into a folder, and with `whole` all files of the snapshot of this name, or
 * of the newest finished one. Then the folder can be read as one of backups, except for its blobs. Throws NoBackupError.
 */
export async function fetchSnapshots(
  objects: S3Objects,
  dir: string,
  { whole }: { whole: boolean | string } = { whole: false },
): Promise<void> {
  await mkdir(join(dir, 'snapshots'), { recursive: true, mode: 0o700 })
  const keys: string[] = []
  for await (const { key } of objects.list('snapshots/')) keys.push(key)
  const manifests = keys.filter((key) => key.endsWith(`/${manifestFile}`)).sort()
  for (const key of manifests) await fetchObject(objects, dir, key)
  if (whole === false) return
  const wanted = typeof whole === 'string' ? `snapshots/${whole}/${manifestFile}` : manifests.at(-1)
  if (wanted === undefined || !manifests.includes(wanted))
    throw new NoBackupError(
      typeof whole === 'string'
        ? `the store has no finished backup ${whole} there: "hub backup list" lists them`
        : 'the store has no finished backup there: "hub backup" makes one',
    )
  const folder = `${dirname(wanted)}/`
  for (const key of keys)
    if (key.startsWith(folder) && !manifests.includes(key)) await fetchObject(objects, dir, key)
}

/** What the bytes are is compared with the manifest by whoever reads them. */
async function fetchObject(objects: S3Objects, dir: string, key: string): Promise<void> {
  // Names of others stay where they are.
  if (!/^snapshots\/[\w.-]+(\/keys)?\/\w+\.\w+$/.test(key) || key.includes('..')) return
  const found = await objects.open(key)
  if (!found) return
  await mkdir(dirname(join(dir, key)), { recursive: true, mode: 0o700 })
  await pipeline(found.body, createWriteStream(join(dir, key), { mode: 0o600 }))
}
