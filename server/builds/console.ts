import { buffer } from 'node:stream/consumers'
import { toBlobId, type BlobStore, type ByteRange } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { indexRecordBytes, linePrefix, readIndexRecord } from './console-line.ts'

/** Columns of a build that describe its console. */
export type StoredConsole = {
  consoleSha256: string
  consoleSizeBytes: bigint
  consoleIndexSha256: string
  consoleLineCount: number
}

/**
 * A line of the console. `number` counts from 1, as in the file; `offsetMs` is the time since the
 * build's start, with fractions; `text` comes without the time that the file has in front of it.
 */
export type ConsoleLine = { number: number; offsetMs: number; text: string }

/** Maximum length of the text of a line, in bytes. Longer lines are cut. */
export const lineLimitBytes = 16 * 1024

type Line = {
  number: number
  deltaNs: bigint
  /** Where the line's text starts and ends in the file, and where it is cut. */
  start: number
  end: number
  cut: number
}

/**
 * `count` lines from the `start`th, which counts from 0; fewer at the end. Reads only those lines'
 * bytes, at most `lineLimitBytes` of each. Bytes that are not UTF-8 become U+FFFD.
 */
export async function readConsoleLines(
  { blobs }: { blobs: BlobStore },
  stored: StoredConsole,
  { start, count }: { start: number; count: number },
): Promise<ConsoleLine[]> {
  const end = Math.min(start + count, stored.consoleLineCount)
  if (start >= end) return []
  const lines = await readIndex(blobs, stored, start, end)
  const read = []
  for (const run of contiguousRuns(lines)) {
    const from = run[0].start
    const text = await readBlob(blobs, stored.consoleSha256, {
      start: from,
      end: run[run.length - 1]?.cut ?? from,
    })
    read.push(...run.map((line) => toConsoleLine(line, text.subarray(line.start - from, line.cut - from))))
  }
  return read
}

async function readIndex(
  blobs: BlobStore,
  stored: StoredConsole,
  start: number,
  end: number,
): Promise<Line[]> {
  // One additional record gives the end of the last line; the last line of the file ends with the file.
  const last = Math.min(end + 1, stored.consoleLineCount)
  const index = await readBlob(blobs, stored.consoleIndexSha256, {
    start: start * indexRecordBytes,
    end: last * indexRecordBytes,
  })
  const records = Array.from({ length: last - start }, (_, i) => readIndexRecord(index, i * indexRecordBytes))
  return records.slice(0, end - start).map(({ offsetBytes, isContinuation, deltaNs }, i) => {
    const nextLine = records[i + 1]?.offsetBytes ?? Number(stored.consoleSizeBytes)
    const textStart = offsetBytes + (isContinuation ? 0 : linePrefix(Number(deltaNs)).length)
    const textEnd = nextLine - 1
    const cut = Math.min(textEnd, textStart + lineLimitBytes)
    return { number: start + i + 1, deltaNs, start: textStart, end: textEnd, cut }
  })
}

/** Runs of lines that are read in one step. A run ends at a line that is cut, because its rest may be huge. */
function contiguousRuns(lines: readonly Line[]): [Line, ...Line[]][] {
  const runs: [Line, ...Line[]][] = []
  let previous: Line | null = null
  for (const line of lines) {
    const run = runs.at(-1)
    if (run && previous && previous.cut === previous.end) run.push(line)
    else runs.push([line])
    previous = line
  }
  return runs
}

function toConsoleLine(line: Line, bytes: Uint8Array): ConsoleLine {
  return {
    number: line.number,
    offsetMs: Number(line.deltaNs) / 1e6,
    text: lineText(bytes, line.end - line.cut, ': see the raw console'),
  }
}

/** The text of a line, of which `hidden` bytes are left out at its end. `where` says where they are. */
export function lineText(bytes: Uint8Array, hidden: number, where = ''): string {
  // With `stream` the decoder drops a character that the cut has split.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: hidden > 0 })
  return hidden > 0 ? `${text} [${hidden} more bytes of this line${where}]` : text
}

/** Some bytes of a console's text or index. Throws when it is missing: a corrupt store. */
export async function readBlob(blobs: BlobStore, sha256: string, range: ByteRange): Promise<Buffer> {
  const stream = await blobs.open(toBlobId(sha256), range)
  if (!stream) throw missingBlob(toBlobId(sha256))
  return buffer(stream)
}
