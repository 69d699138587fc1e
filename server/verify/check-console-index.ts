import type { BlobStore } from '../blobs/blob-store.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import { indexRecordBytes, linePrefix, readIndexRecord, type IndexRecord } from '../builds/console-line.ts'
import type { StoredConsole } from '../builds/console.ts'
import type { ByteRate } from './byte-rate.ts'

const newline = 0x0a
/** `-9223372036.855s:` has fewer characters. */
const longestPrefix = 24

/**
 * How the index of a console differs from its text, in words; null: it does not, or one of the two cannot be read, which
 * other checks tell. Reads both once, in constant memory.
 */
export async function consoleIndexDifference(
  store: Pick<BlobStore, 'open'>,
  { consoleSha256, consoleIndexSha256, consoleLineCount }: StoredConsole,
  rate: ByteRate,
): Promise<string | null> {
  const [text, index] = [
    await store.open(toBlobId(consoleSha256)),
    await store.open(toBlobId(consoleIndexSha256)),
  ]
  try {
    if (!text || !index) return null
    return await unlessDamaged(compare(text, recordsOf(index), consoleLineCount, rate))
  } finally {
    text?.destroy()
    index?.destroy()
  }
}

async function compare(
  text: AsyncIterable<Buffer>,
  records: AsyncGenerator<IndexRecord | 'part', undefined, void>,
  lineCount: number,
  rate: ByteRate,
): Promise<string | null> {
  let lines = 0
  for await (const { start, head } of linesOf(text, rate)) {
    lines += 1
    const { value: record } = await records.next()
    if (record === undefined) return `the index has ${lines - 1} lines, and the console has more`
    if (record === 'part') return 'the index ends within a line'
    if (record.offsetBytes !== start)
      return `line ${lines} begins at byte ${start}, and not at ${record.offsetBytes}`
    if (!record.isContinuation && !head.startsWith(linePrefix(Number(record.deltaNs))))
      return `line ${lines} does not begin with ${linePrefix(Number(record.deltaNs))}`
  }
  if (!(await records.next()).done) return `the index has more than the ${lines} lines of the console`
  return lines === lineCount ? null : `its row says ${lineCount} lines, and there are ${lines}`
}

/** The records of an index; `part` where it ends within one. */
async function* recordsOf(
  index: AsyncIterable<Buffer>,
): AsyncGenerator<IndexRecord | 'part', undefined, void> {
  let rest = Buffer.alloc(0)
  for await (const chunk of index) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const whole = bytes.length - (bytes.length % indexRecordBytes)
    for (let at = 0; at < whole; at += indexRecordBytes) yield readIndexRecord(bytes, at)
    rest = Buffer.from(bytes.subarray(whole))
  }
  if (rest.length > 0) yield 'part'
  return undefined
}

/** The lines of a text: where each starts, and its first characters. Each ends with a line break. */
async function* linesOf(
  text: AsyncIterable<Buffer>,
  rate: ByteRate,
): AsyncGenerator<{ start: number; head: string }> {
  let [start, head, at] = [0, '', 0]
  let isOpen = false
  for await (const chunk of text) {
    await rate(chunk.length)
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(newline, from)
      const to = end === -1 ? chunk.length : end
      if (!isOpen) [start, head] = [at + from, '']
      head += chunk.toString('latin1', from, Math.min(to, from + longestPrefix - head.length))
      isOpen = end === -1
      if (!isOpen) yield { start, head }
      from = to + 1
    }
    at += chunk.length
  }
  if (isOpen) yield { start, head }
}
