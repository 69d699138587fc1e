import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Maximum number of bytes that wait for the disk. The same number is being written meanwhile. */
const batchBytes = 1024 * 1024
/** Chunks below this size are joined, so that hash and disk do not process tiny chunks. */
const crumbBytes = 16 * 1024
const crumbBufferBytes = 64 * 1024

/**
 * Copies a stream to an open file and hashes it. This thread hashes one batch while the thread pool writes the
 * previous one, so it takes about as long as the slower of the two.
 */
export async function writeHashed(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let batch: Uint8Array[] = []
  let batched = 0
  let crumbs: Buffer | null = null
  let crumbsUsed = 0
  let writing: Promise<void> = Promise.resolve()

  const take = (piece: Uint8Array) => {
    hash.update(piece)
    batch.push(piece)
    batched += piece.length
  }
  const takeCrumbs = () => {
    if (crumbs && crumbsUsed > 0) take(crumbs.subarray(0, crumbsUsed))
    crumbs = null
    crumbsUsed = 0
  }
  const startWriting = async () => {
    await writing
    writing = writeAll(file, batch)
    // The next caller that awaits the write gets the error. Until then it must not count as unhandled.
    writing.catch(() => {})
    batch = []
    batched = 0
  }

  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length
      if (chunk.length < crumbBytes) {
        if (crumbs && crumbsUsed + chunk.length > crumbBufferBytes) takeCrumbs()
        crumbs ??= Buffer.allocUnsafe(crumbBufferBytes)
        crumbs.set(chunk, crumbsUsed)
        crumbsUsed += chunk.length
      } else {
        takeCrumbs()
        for (let start = 0; start < chunk.length; start += batchBytes) {
          take(chunk.subarray(start, start + batchBytes))
          if (batched >= batchBytes) await startWriting()
        }
      }
      if (batched >= batchBytes) await startWriting()
    }
    takeCrumbs()
    if (batched > 0) await startWriting()
  } finally {
    // The caller closes the file: no write may be under way then.
    await writing
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** Write all of `pieces`; one call to the system may take only a part of them. */
export async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let rest = pieces
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest)
    rest = dropBytes(rest, bytesWritten)
  }
}

function dropBytes(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count
  return pieces.flatMap((piece) => {
    const dropped = Math.min(left, piece.length)
    left -= dropped
    return dropped < piece.length ? [piece.subarray(dropped)] : []
  })
}
