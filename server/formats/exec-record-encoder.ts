import { formatInteger } from './asn1-integer.ts'
import { derTags } from './der-header.ts'
import type { ExecFacts } from './exec-record.ts'
import { encodeResult, encodeTimestamps } from './exec-values.ts'

/** A file whose length is known before its content, so that the content can be streamed. */
export type ExecFile = {
  path: string
  sizeBytes: number
  data: () => Chunks
}

/** A build record as a value. `console` is oldest first, other than on the wire. */
export type ExecRecord = ExecFacts & {
  script: Uint8Array
  console: readonly { deltaNs: bigint; text: Uint8Array }[]
  artifacts: readonly ExecFile[]
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Content whose length is known before it is made. The pieces are flat: nested generators would pass on each byte once per level. */
type Part = { sizeBytes: number; pieces: readonly (Uint8Array | (() => Chunks))[] }

const { integer, utf8String, sequence, explicit } = derTags
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

/** The entries, newest first. One piece for all of them: one for each would be heavier than its text. */
function consolePart(console: ExecRecord['console']): Part {
  return {
    sizeBytes: console.reduce((sum, entry) => sum + entryHead(entry).length + entry.text.length, 0),
    pieces: [
      function* () {
        for (const entry of console.toReversed()) yield Buffer.concat([entryHead(entry), entry.text])
      },
    ],
  }
}

/** What comes before an entry's text. */
function entryHead({ deltaNs, text }: ExecRecord['console'][number]): Uint8Array {
  const delta = formatInteger(deltaNs)
  const fields = [header(integer, delta.length), delta, header(utf8String, text.length)]
  const fieldsBytes = fields.reduce((sum, field) => sum + field.length, text.length)
  return Buffer.concat([header(sequence, fieldsBytes), ...fields])
}

function content({ path, sizeBytes, data }: ExecFile): Part {
  return {
    sizeBytes,
    pieces: [
      async function* () {
        let missing = sizeBytes
        for await (const piece of data()) {
          missing -= piece.length
          if (missing < 0) break
          yield piece
        }
        if (missing !== 0) throw new Error(`data of ${path} is not ${sizeBytes} bytes long`)
      },
    ],
  }
}

function tagged(tag: number, parts: readonly Part[]): Part {
  const contentBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  const head = header(tag, contentBytes)
  return { sizeBytes: head.length + contentBytes, pieces: [head, ...parts.flatMap((part) => part.pieces)] }
}

function text(value: string): Part {
  return bytes(utf8String, Buffer.from(value))
}

function bytes(tag: number, value: Uint8Array): Part {
  return tagged(tag, [raw(value)])
}

function raw(value: Uint8Array): Part {
  return { sizeBytes: value.length, pieces: [value] }
}

/** Identifier and definite length, in the shortest form (X.690, 10.1). */
function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}

async function* gather({ pieces }: Part): AsyncGenerator<Uint8Array, void, void> {
  let small: Uint8Array[] = []
  let smallBytes = 0
  for (const piece of pieces) {
    for await (const chunk of piece instanceof Uint8Array ? [piece] : piece()) {
      const isSmall = chunk.length < chunkBytes
      if (isSmall) {
        small.push(chunk)
        smallBytes += chunk.length
        if (smallBytes < chunkBytes) continue
      }
      if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
      if (!isSmall) yield chunk
      small = []
      smallBytes = 0
    }
  }
  if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
}
