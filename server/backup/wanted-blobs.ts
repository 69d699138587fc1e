// A file of the blobs that a database refers to, with lines of one length: hash, size in bytes or `-`, and `!` if the blob has
// been found damaged, or `.`
import { open } from 'node:fs/promises'
import { toBlobId } from '../blobs/blob-store.ts'
import type { ReferredBlob } from '../database/saved-database.ts'
import type { WantedBlob } from './copy-blobs.ts'

const sizeDigits = 16
const lineBytes = 64 + 1 + sizeDigits + 1 + 1 + 1

export const wantedLine = ({ hash, sizeBytes, isMarked }: ReferredBlob): string =>
  `${hash} ${String(sizeBytes ?? '-').padStart(sizeDigits)} ${isMarked ? '!' : '.'}\n`

/** The blobs of such a file, some at a time. */
export async function* readWanted(file: string): AsyncGenerator<WantedBlob[], void, void> {
  const handle = await open(file, 'r')
  try {
    const buffer = Buffer.alloc(256 * lineBytes)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      if (bytesRead === 0) return
      yield buffer.toString('latin1', 0, bytesRead).trimEnd().split('\n').map(parseLine)
    }
  } finally {
    await handle.close()
  }
}

function parseLine(line: string): WantedBlob {
  const size = line.slice(65, 65 + sizeDigits).trim()
  return {
    id: toBlobId(line.slice(0, 64)),
    sizeBytes: size === '-' ? null : Number(size),
    isMarked: line.endsWith('!'),
  }
}
