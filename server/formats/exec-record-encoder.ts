import { derTags } from './der.ts'
import type { ExecFacts } from './exec-record.ts'
import { encodeInteger, encodeResult, encodeTimestamps } from './exec-values.ts'

/** A file whose length is known before its content, so that the content can be streamed. */
export type ExecFile = {
  path: string
  sizeBytes: number
  data: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** A build record as a value. `console` is oldest first, other than on the wire. */
export type ExecRecord = ExecFacts & {
  script: Uint8Array
  console: readonly { deltaNs: bigint; text: Uint8Array }[]
  artifacts: readonly ExecFile[]
}

/** Content whose length is known before it is made. */
type Part = { sizeBytes: number; pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array> }

const { utf8String, sequence, explicit } = derTags
/** Pieces below this size are gathered into chunks of it. */
const chunkBytes = 64 * 2 ** 10

/**
 * The record as builder's own encoder writes it, in chunks: times are GeneralizedTime, the
 * platform is always there. Throws Error when a file's data is not as long as it says.
 */
export async function* encodeExecRecord(record: ExecRecord): AsyncGenerator<Uint8Array, void, void> {
  yield* gather(recordPart(record))
}

/** Length of what `encodeExecRecord` gives. */
export function execRecordSizeBytes(record: ExecRecord): number {
  return recordPart(record).sizeBytes
}

function recordPart(record: ExecRecord): Part {
  const job = tagged(sequence, [
    text(record.job),
    bytes(utf8String, record.script),
    tagged(sequence, []),
    text(record.platform),
  ])
  const uuid = bytes(utf8String, Buffer.from(record.uuid.replaceAll('-', ''), 'hex'))
  const files = record.artifacts.map((file) =>
    tagged(sequence, [text(file.path), tagged(utf8String, [content(file)])]),
  )
  return tagged(explicit(0), [
    tagged(sequence, [
      job,
      uuid,
      tagged(sequence, [consolePart(record.console)]),
      raw(encodeTimestamps(record)),
      raw(encodeResult(record.result)),
      tagged(sequence, files),
    ]),
  ])
}

/** The entries, newest first. One part for all of them: a part for each would be heavier than its text. */
function consolePart(console: ExecRecord['console']): Part {
  const head = (entry: ExecRecord['console'][number]) => {
    const fields = Buffer.concat([encodeInteger(entry.deltaNs), header(utf8String, entry.text.length)])
    return Buffer.concat([header(sequence, fields.length + entry.text.length), fields])
  }
  return {
    sizeBytes: console.reduce((sum, entry) => sum + head(entry).length + entry.text.length, 0),
    *pieces() {
      for (let i = console.length - 1; i >= 0; i--) {
        const entry = console[i]
        if (entry) yield* [head(entry), entry.text]
      }
    },
  }
}

function content({ path, sizeBytes, data }: ExecFile): Part {
  return {
    sizeBytes,
    async *pieces() {
      let missing = sizeBytes
      for await (const piece of data()) {
        missing -= piece.length
        if (missing < 0) break
        yield piece
      }
      if (missing !== 0) throw new Error(`data of ${path} is not ${sizeBytes} bytes long`)
    },
  }
}

function tagged(tag: number, parts: readonly Part[]): Part {
  const contentBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  const head = header(tag, contentBytes)
  return {
    sizeBytes: head.length + contentBytes,
    async *pieces() {
      yield head
      for (const part of parts) yield* part.pieces()
    },
  }
}

function text(value: string): Part {
  return bytes(utf8String, Buffer.from(value))
}

function bytes(tag: number, value: Uint8Array): Part {
  return tagged(tag, [raw(value)])
}

function raw(value: Uint8Array): Part {
  return { sizeBytes: value.length, pieces: () => [value] }
}

/** Identifier and definite length, in the shortest form (X.690, 10.1). */
function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}

async function* gather(part: Part): AsyncGenerator<Uint8Array, void, void> {
  let small: Uint8Array[] = []
  let smallBytes = 0
  for await (const piece of part.pieces()) {
    if (piece.length < chunkBytes) {
      small.push(piece)
      smallBytes += piece.length
      if (smallBytes < chunkBytes) continue
    }
    if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
    if (piece.length >= chunkBytes) yield piece
    small = []
    smallBytes = 0
  }
  if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
}
