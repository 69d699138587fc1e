import { open, type FileHandle } from 'node:fs/promises'
import { RecordTooLargeError } from '../../errors.ts'
import { defaultExecLimits } from '../../formats/exec-record.ts'
import { SourceError } from '../import-report.ts'

export type ConsoleEntry = { deltaNs: bigint; text: Uint8Array }

/** Where the text of an entry lies in the file. */
type Place = { deltaMs: number; start: number; end: number }

/** What each entry begins with. Other lines go on with the entry before. */
const time = /^(-?\d{1,20}\.\d{3})s:/
const headBytes = 32
const readBytes = 256 * 1024
const newline = 0x0a

/**
 * The entries of a console file of builder-web, newest first, as a record has them. The file has one `%.3fs:%s\n` per
 * entry, so finer times are lost; the text may contain line breaks. Memory: some bytes for each entry. Throws
 * SourceError, RecordTooLargeError.
 */
export async function* readConsoleFile(path: string): AsyncGenerator<ConsoleEntry, void, void> {
  const file = await open(path)
  try {
    const places = await findPlaces(file, path)
    for (let last = places.length - 1; last >= 0;) {
      // Neighbours whose text is read at once.
      let first = last
      const end = places[last]?.end ?? 0
      while (first > 0 && end - (places[first - 1]?.start ?? 0) <= readBytes) first -= 1
      const start = places[first]?.start ?? 0
      const text = await readRange(file, start, end)
      for (; last >= first; last--) {
        const place = places[last]
        if (place) yield entryOf(place, text.subarray(place.start - start, place.end - start))
      }
    }
  } finally {
    await file.close()
  }
}

/** builder-web writes a time before the start as an unsigned number of 64 bits. */
const entryOf = ({ deltaMs }: Place, text: Uint8Array): ConsoleEntry => ({
  deltaNs: BigInt.asIntN(64, BigInt(deltaMs) * 1_000_000n),
  text,
})

async function findPlaces(file: FileHandle, path: string): Promise<Place[]> {
  const places: Place[] = []
  const head = Buffer.alloc(headBytes)
  let headLength = 0
  let lineStart = 0
  let offset = 0

  const endLine = () => {
    const found = time.exec(head.toString('latin1', 0, headLength))
    const before = places.at(-1)
    if (!found && !before) throw new SourceError(`${path} does not begin with a time, as "0.123s:"`)
    if (found?.[1] !== undefined) {
      // The line break before belongs to the file.
      if (before) before.end = lineStart - 1
      if (places.length === defaultExecLimits.consoleLines)
        throw new RecordTooLargeError(`${path} has more than ${places.length} entries; no more are allowed`)
      const deltaMs = Math.round(Number(found[1]) * 1000)
      places.push({ deltaMs, start: lineStart + found[0].length, end: 0 })
    }
  }

  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: readBytes })
  let endsInNewline = true
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const found = chunk.indexOf(newline, at)
      const lineEnd = found < 0 ? chunk.length : found
      const copied = chunk.copy(head, headLength, at, Math.min(lineEnd, at + headBytes - headLength))
      headLength += copied
      at = lineEnd
      if (found < 0) continue
      endLine()
      at += 1
      headLength = 0
      lineStart = offset + at
    }
    offset += chunk.length
    endsInNewline = chunk.at(-1) === newline
  }
  if (!endsInNewline) endLine()
  const last = places.at(-1)
  if (last) last.end = endsInNewline ? offset - 1 : offset
  return places
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start)
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
    if (bytesRead === 0) throw new SourceError('the console became shorter while it was read')
    done += bytesRead
  }
  return bytes
}
