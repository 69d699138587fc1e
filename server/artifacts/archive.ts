import { pack, type Header, type Pack } from 'tar-stream'
import { openWhole } from '../blobs/open-whole.ts'
import type { Deps } from '../deps.ts'
import { normalizeArtifactPath } from '../formats/exec-names.ts'

type EntryHeader = Pick<Header, 'name' | 'size' | 'mode' | 'mtime' | 'pax'>

export type ArchivedFile = { path: string; sha256: string; sizeBytes: number }

/** Limits of the fields of a tar header without extensions: twelve digits, and 31 bits, which tar-stream uses. */
const largestSizeBytes = 8 ** 11 - 1
const latestSeconds = 2 ** 31 - 1

/**
 * A tar archive of `files`, in their order, all with the same time. The bytes are the same each time (ustar, with
 * pax extensions for values that do not fit, IEEE 1003.1 "pax"). Files under `bin/` are executable. If the reader
 * stops, all resources are released.
 */
export async function* tarOf(
  deps: Pick<Deps, 'blobs'>,
  files: readonly ArchivedFile[],
  modifiedAt: Date,
): AsyncGenerator<Uint8Array, void, void> {
  const archive = pack()
  const filling = fill(deps, archive, files, modifiedAt).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const chunk of archive as AsyncIterable<Uint8Array>) yield chunk
  } finally {
    archive.destroy()
    await filling
  }
}

async function fill(
  { blobs }: Pick<Deps, 'blobs'>,
  archive: Pack,
  files: readonly ArchivedFile[],
  modifiedAt: Date,
): Promise<void> {
  for (const file of files) {
    const content = await openWhole(blobs, file.sha256, file.sizeBytes)
    await addEntry(archive, headerOf(file, modifiedAt), content)
  }
  archive.finalize()
}

/** The header of a file. `path` must be normalized. */
export function headerOf(
  { path, sizeBytes }: Pick<ArchivedFile, 'path' | 'sizeBytes'>,
  modifiedAt: Date,
): EntryHeader {
  // Uploads checked the paths already. They are checked again, because clients unpack the archive.
  if (normalizeArtifactPath(path) !== path) throw new Error(`path ${JSON.stringify(path)} is not safe`)
  const seconds = Math.floor(modifiedAt.getTime() / 1000)
  const fitting = Math.min(Math.max(seconds, 0), latestSeconds)
  const pax = {
    ...(sizeBytes > largestSizeBytes ? { size: String(sizeBytes) } : {}),
    ...(seconds === fitting ? {} : { mtime: String(seconds) }),
  }
  return {
    name: path,
    size: sizeBytes,
    mode: path.startsWith('bin/') ? 0o755 : 0o644,
    mtime: new Date(fitting * 1000),
    ...(Object.keys(pax).length > 0 ? { pax } : {}),
  }
}

/** Rejects when the archive is destroyed before all of `content` is in it. */
export async function addEntry(
  archive: Pack,
  header: EntryHeader,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  let finish: (error?: Error | null) => void = () => {}
  const done = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve())
  })
  const ended = done.catch(() => {})
  // An error that ends the archive also ends the entry; `done` reports it.
  const entry = archive.entry(header, finish).on('error', () => {})
  for await (const chunk of content) {
    if (entry.destroyed) break
    if (!entry.write(chunk)) {
      await Promise.race([new Promise<void>((resolve) => entry.once('drain', () => resolve())), ended])
    }
  }
  entry.end(null)
  await done
}
