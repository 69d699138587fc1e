import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { DomainError } from '../errors.ts'
import { maxOsvBytes } from '../formats/osv/parse-osv.ts'

/** A path has no advisories, or more than are read. */
export class FeedError extends DomainError {
  override readonly name = 'FeedError'
}

/** A file of a feed. */
export type FeedFile = { name: string; bytes: Uint8Array }

const maxFiles = 100_000
const maxArchiveBytes = 512 * 1024 ** 2
const isAdvisory = (name: string) => name.endsWith('.json')

/** The advisories at a path: a file, a folder with folders, a `.zip`, or a `.tar.gz`. Larger files than 1 MiB are cut, so that they are refused. Throws FeedError. */
export async function* readFeed(path: string): AsyncGenerator<FeedFile, void, void> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new FeedError(`there is no ${path}`)
  if (found.isDirectory()) return yield* filesOfFolder(path)
  if (/\.zip$/i.test(path)) return yield* filesOfZip(await readArchive(path, found.size))
  if (/\.(?:tar\.gz|tgz)$/i.test(path)) return yield* filesOfTar(createReadStream(path))
  if (!isAdvisory(path))
    throw new FeedError(`${path} is no folder, and its name ends in none of .json, .zip, .tar.gz`)
  yield { name: path, bytes: await readStart(path) }
}

async function readArchive(path: string, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes > maxArchiveBytes)
    throw new FeedError(`${path} has more than ${maxArchiveBytes / 1024 ** 2} MiB`)
  return readFile(path)
}

const readStart = (path: string) => buffer(createReadStream(path, { end: maxOsvBytes }))

async function* filesOfFolder(path: string): AsyncGenerator<FeedFile, void, void> {
  // Files of Git and others that are hidden are no advisories.
  const names = (await readdir(path, { recursive: true }))
    .filter((name) => isAdvisory(name) && !/(?:^|\/)\./.test(name))
    .toSorted()
  if (names.length > maxFiles) throw new FeedError(`${path} has more than ${maxFiles} files`)
  for (const name of names) {
    const file = join(path, name)
    if ((await stat(file)).isFile()) yield { name, bytes: await readStart(file) }
  }
}

/** The files of a `.tar.gz`. Throws FeedError. */
export async function* filesOfTar(stream: NodeJS.ReadableStream): AsyncGenerator<FeedFile, void, void> {
  const archive = stream.on('error', (error: Error) => files.destroy(error)).pipe(createGunzip())
  const files = archive.on('error', (error) => files.destroy(error)).pipe(extract())
  let count = 0
  try {
    for await (const entry of files) {
      const { name, type } = entry.header
      if (type !== 'file' || !isAdvisory(name) || (entry.header.size ?? 0) > maxOsvBytes) {
        entry.resume()
        continue
      }
      if (++count > maxFiles) throw new FeedError(`more than ${maxFiles} files`)
      yield { name, bytes: await buffer(entry) }
    }
  } catch (error) {
    if (error instanceof FeedError) throw error
    throw new FeedError(`it is no .tar.gz, or a damaged one: ${String(error)}`)
  }
}

/** The files of a `.zip`. Throws FeedError. */
export async function* filesOfZip(bytes: Buffer): AsyncGenerator<FeedFile, void, void> {
  const zip = await openZip(bytes)
  let count = 0
  for (;;) {
    const entry = await nextEntry(zip)
    if (!entry) return
    if (!isAdvisory(entry.fileName) || entry.uncompressedSize > maxOsvBytes) continue
    if (++count > maxFiles) throw new FeedError(`more than ${maxFiles} files`)
    yield { name: entry.fileName, bytes: await readEntry(zip, entry) }
  }
}

const openZip = (bytes: Buffer) =>
  new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) =>
      error ? reject(new FeedError(`it is no .zip: ${error.message}`)) : resolve(zip),
    ),
  )

const nextEntry = (zip: ZipFile) =>
  new Promise<Entry | null>((resolve, reject) => {
    zip.removeAllListeners()
    zip.once('entry', resolve)
    zip.once('end', () => resolve(null))
    zip.once('error', (error: Error) => reject(new FeedError(`a damaged .zip: ${error.message}`)))
    zip.readEntry()
  })

const readEntry = (zip: ZipFile, entry: Entry) =>
  new Promise<Buffer>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) =>
      error ? reject(new FeedError(`a damaged .zip: ${error.message}`)) : resolve(buffer(stream)),
    ),
  )
