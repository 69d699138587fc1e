import type { BlobStore, ByteRange } from '../blobs/blob-store.ts'
import { readBlob, type StoredConsole } from './console.ts'
import { indexRecordBytes, readIndexRecord } from './console-line.ts'

const linesAtOnce = 64 * 1024

/** Bytes of `readEntryBits`. */
export function entryBitsSizeBytes(lineCount: number): number {
  return Math.ceil(lineCount / 8)
}

/**
 * For each line of a console a bit, the most significant of a byte first: 1 where an entry begins, so that the
 * line has its time in front; 0 where it goes on after a line break. Bytes of `range`.
 */
export async function* readEntryBits(
  { blobs }: { blobs: BlobStore },
  { consoleIndexSha256, consoleLineCount }: Pick<StoredConsole, 'consoleIndexSha256' | 'consoleLineCount'>,
  range: ByteRange,
): AsyncGenerator<Uint8Array> {
  const end = Math.min(range.end * 8, consoleLineCount)
  for (let first = range.start * 8; first < end; first += linesAtOnce) {
    const last = Math.min(first + linesAtOnce, end)
    const index = await readBlob(blobs, consoleIndexSha256, {
      start: first * indexRecordBytes,
      end: last * indexRecordBytes,
    })
    const bits = new Uint8Array(entryBitsSizeBytes(last - first))
    for (let line = 0; line < last - first; line++) {
      const { isContinuation } = readIndexRecord(index, line * indexRecordBytes)
      if (!isContinuation) bits[line >> 3] = (bits[line >> 3] ?? 0) | (0x80 >> (line & 7))
    }
    yield bits
  }
}
