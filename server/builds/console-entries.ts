import type { BlobStore } from '../blobs/blob-store.ts'
import { readBlob, type StoredConsole } from './console.ts'
import { indexRecordBytes, linePrefix, readIndexRecord } from './console-line.ts'

/** What builder-server recorded at once: a line mostly, but its text may hold line breaks. */
export type ConsoleEntry = { deltaNs: bigint; text: Uint8Array }

/** Where the text of an entry lies in the console's file. */
export type ConsoleEntryPlace = { deltaNs: bigint; start: number; end: number }

const recordsAtOnce = 8 * 1024
const textBytesAtOnce = 256 * 1024

/**
 * The entries of a console as the record had them, newest first, with exact times; some at a time.
 * Memory does not grow with the console.
 */
export async function* readConsoleEntries(
  deps: { blobs: BlobStore },
  stored: StoredConsole,
): AsyncGenerator<ConsoleEntry[]> {
  for await (const places of findConsoleEntries(deps, stored)) {
    for (const run of runsOf(places)) {
      const start = run.at(-1)?.start ?? 0
      const end = run[0]?.end ?? 0
      const text = await readBlob(deps.blobs, stored.consoleSha256, { start, end })
      yield run.map((one) => ({
        deltaNs: one.deltaNs,
        text: text.subarray(one.start - start, one.end - start),
      }))
    }
  }
}

/** Where they lie, likewise. Reads the line index alone. */
export async function* findConsoleEntries(
  { blobs }: { blobs: BlobStore },
  { consoleIndexSha256, consoleLineCount, consoleSizeBytes }: StoredConsole,
): AsyncGenerator<ConsoleEntryPlace[]> {
  let next = Number(consoleSizeBytes)
  for (let line = consoleLineCount; line > 0; line -= recordsAtOnce) {
    const first = Math.max(0, line - recordsAtOnce)
    const index = await readBlob(blobs, consoleIndexSha256, {
      start: first * indexRecordBytes,
      end: line * indexRecordBytes,
    })
    const places: ConsoleEntryPlace[] = []
    for (let at = index.length - indexRecordBytes; at >= 0; at -= indexRecordBytes) {
      const { offsetBytes, isContinuation, deltaNs } = readIndexRecord(index, at)
      if (isContinuation) continue
      // The line break at the end is the file's, not the entry's.
      places.push({ deltaNs, start: offsetBytes + linePrefix(Number(deltaNs)).length, end: next - 1 })
      next = offsetBytes
    }
    yield places
  }
}

/** Neighbours whose text is read at once; an entry that is larger is a run of its own. */
function runsOf(places: readonly ConsoleEntryPlace[]): ConsoleEntryPlace[][] {
  const runs: ConsoleEntryPlace[][] = []
  let bytes = Infinity
  for (const place of places) {
    const textBytes = place.end - place.start
    if (bytes + textBytes > textBytesAtOnce) {
      runs.push([])
      bytes = 0
    }
    runs.at(-1)?.push(place)
    bytes += textBytes
  }
  return runs
}
