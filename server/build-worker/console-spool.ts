import { open } from 'node:fs/promises'

/** A line as the script printed it, without its line feed. `deltaNs`: since the script was started. */
export type ConsoleLine = { deltaNs: bigint; text: Uint8Array }

/**
 * The console of a run, in a file: the script goes on while the connection is lost, and after it came back every line can be sent
 * again. One writer; readers follow it by the number of a line, from 0.
 */
export type ConsoleSpool = {
  readonly lineCount: number
  readonly isEnded: boolean
  /** Resolves when the lines are in the file and not too many bytes of them are unsent: the script waits for that. */
  append: (lines: readonly ConsoleLine[]) => Promise<void>
  /** Lines from number `from` on, at most about `maxBytes` of them, but one at least; none: there is none yet. */
  read: (from: number, maxBytes: number) => Promise<ConsoleLine[]>
  /** The server has the first `count` lines. */
  acknowledge: (count: number) => void
  /** Nobody sends the lines any more: who writes does not wait for that. */
  abandon: () => void
  /** No line follows. */
  end: () => void
  /** Resolves when there are more than `count` lines, or the console has ended. Rejects with the reason of `signal`. */
  untilMore: (count: number, signal: AbortSignal) => Promise<void>
  close: () => Promise<void>
}

/** So many bytes may be unsent until the script has to wait. */
const maxUnsentBytes = 256 * 2 ** 20
/** The place of every 256th line is known. */
const linesPerMark = 256
/** Before the text of a line: eight bytes of time, four bytes of length. */
const headBytes = 12

export async function openConsoleSpool(path: string, maxBytes = maxUnsentBytes): Promise<ConsoleSpool> {
  const file = await open(path, 'wx+', 0o600)
  let lineCount = 0
  let sizeBytes = 0
  let sentBytes = 0
  let isEnded = false
  const marks = [0]
  let cursor = { line: 0, offset: 0 }
  const waiting = new Set<() => void>()
  let writing = Promise.resolve()
  let isAbandoned = false

  const wake = () => {
    for (const resume of waiting) resume()
    waiting.clear()
  }

  async function write(lines: readonly ConsoleLine[]): Promise<void> {
    const bytes = Buffer.concat(lines.flatMap((line) => [headOf(line), line.text]))
    for (let written = 0; written < bytes.length;)
      written += (await file.write(bytes, written, bytes.length - written, sizeBytes + written)).bytesWritten
    for (const { text } of lines) {
      sizeBytes += headBytes + text.length
      lineCount++
      if (lineCount % linesPerMark === 0) marks.push(sizeBytes)
    }
    wake()
    while (sizeBytes - sentBytes > maxBytes && !isAbandoned)
      await new Promise<void>((resolve) => waiting.add(resolve))
  }

  /** Where a line begins: at a mark before it, or where the last reader stopped. */
  const startBefore = (line: number) => {
    if (cursor.line === line) return cursor
    const mark = Math.floor(line / linesPerMark)
    return { line: mark * linesPerMark, offset: marks[mark] ?? 0 }
  }

  return {
    get lineCount() {
      return lineCount
    },
    get isEnded() {
      return isEnded
    },
    append: (lines) => (writing = writing.then(() => (lines.length === 0 ? undefined : write(lines)))),
    async read(from, readBytes) {
      const end = sizeBytes
      const lines: ConsoleLine[] = []
      if (from >= lineCount) return lines
      let { line, offset } = startBefore(from)
      let taken = 0
      let held = Buffer.alloc(0)
      const need = async (bytes: number): Promise<Buffer> => {
        if (held.length < bytes) {
          const next = Buffer.alloc(Math.min(Math.max(bytes, 256 * 2 ** 10), end - offset))
          const { bytesRead } = await file.read(next, 0, next.length, offset)
          if (bytesRead < bytes) throw new Error(`${path} is shorter than what was written to it`)
          held = next.subarray(0, bytesRead)
        }
        return held
      }
      while (offset < end && taken < readBytes) {
        const head = await need(headBytes)
        const deltaNs = head.readBigInt64BE(0)
        const size = headBytes + head.readUInt32BE(8)
        const text = (await need(size)).subarray(headBytes, size)
        held = held.subarray(size)
        offset += size
        if (line++ < from) continue
        lines.push({ deltaNs, text })
        taken += size
      }
      cursor = { line, offset }
      return lines
    },
    acknowledge(count) {
      sentBytes = Math.max(sentBytes, marks[Math.floor(count / linesPerMark)] ?? 0)
      if (count === lineCount) sentBytes = sizeBytes
      wake()
    },
    end() {
      isEnded = true
      wake()
    },
    async untilMore(count, signal) {
      signal.throwIfAborted()
      while (lineCount <= count && !isEnded) {
        await new Promise<void>((resolve, reject) => {
          const resume = () => {
            signal.removeEventListener('abort', onAbort)
            resolve()
          }
          const onAbort = () => {
            waiting.delete(resume)
            reject(signal.reason as Error)
          }
          waiting.add(resume)
          signal.addEventListener('abort', onAbort, { once: true })
        })
      }
    },
    abandon() {
      isAbandoned = true
      wake()
    },
    async close() {
      isAbandoned = true
      wake()
      await writing.catch(() => undefined)
      await file.close()
    },
  }
}

function headOf({ deltaNs, text }: ConsoleLine): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeBigInt64BE(deltaNs, 0)
  head.writeUInt32BE(text.length, 8)
  return head
}
