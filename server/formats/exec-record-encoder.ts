import { formatInteger } from './asn1-integer.ts'
import { derTags } from './der-header.ts'
import type { ExecFacts } from './exec-record.ts'
import { encodeResult, encodeTimestamps } from './exec-values.ts'

/** Content whose length is known before it is made, so that it can be streamed. */
export type ExecContent = { sizeBytes: number; data: () => Chunks }

/** A file of a record. */
export type ExecFile = ExecContent & { path: string }

/** A build record as a value. `console` is oldest first; the encoded record has it newest first. */
export type ExecRecord = ExecFacts & {
  script: Uint8Array
  console: readonly { deltaNs: bigint; text: Uint8Array }[]
  artifacts: readonly ExecFile[]
}

/** A build record of any size. `console` yields the results of `encodeConsoleEntry`, newest entry first. */
export type StreamedRecord = ExecFacts & {
  script: ExecContent
  console: ExecContent
  artifacts: readonly ExecFile[]
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Content of known length. The pieces are in one flat list, because nested generators pass each chunk through every
 * level.
 */
type Part = { sizeBytes: number; pieces: readonly (Uint8Array | (() => Chunks))[] }

const { integer, utf8String, sequence, explicit } = derTags
/** Pieces below this size are gathered into chunks of it. */
const chunkBytes = 64 * 2 ** 10

/**
 * Encodes a record as builder's own encoder does, in chunks: times are GeneralizedTime, the platform is always
 * present. Throws Error if the data of a file does not have its declared length.
 */
export function encodeExecRecord(record: ExecRecord): AsyncGenerator<Uint8Array, void, void> {
  return gather(recordPart(asStreamed(record)))
}

/** Length of the result of `encodeExecRecord`, in bytes. */
export function execRecordSizeBytes(record: ExecRecord): number {
  return recordPart(asStreamed(record)).sizeBytes
}

/** Like `encodeExecRecord`, for a record of any size. The length is known before the content is read. */
export function encodeStreamedRecord(record: StreamedRecord): ExecContent {
  const part = recordPart(record)
  return { sizeBytes: part.sizeBytes, data: () => gather(part) }
}

function asStreamed(record: ExecRecord): StreamedRecord {
  const { script, console } = record
  return {
    ...record,
    script: { sizeBytes: script.length, data: () => [script] },
    console: {
      sizeBytes: console.reduce((sum, one) => sum + consoleEntrySizeBytes(one.deltaNs, one.text.length), 0),
      *data() {
        for (const { deltaNs, text } of console.toReversed()) yield encodeConsoleEntry(deltaNs, text)
      },
    },
  }
}

function recordPart(record: StreamedRecord): Part {
  const job = tagged(sequence, [
    text(record.job),
    tagged(utf8String, [content('the script', record.script)]),
    tagged(sequence, []),
    text(record.platform),
  ])
  const uuid = bytes(utf8String, Buffer.from(record.uuid.replaceAll('-', ''), 'hex'))
  const files = record.artifacts.map((file) =>
    tagged(sequence, [text(file.path), tagged(utf8String, [content(file.path, file)])]),
  )
  return tagged(explicit(0), [
    tagged(sequence, [
      job,
      uuid,
      tagged(sequence, [content('the console', record.console)]),
      raw(encodeTimestamps(record)),
      raw(encodeResult(record.result)),
      tagged(sequence, files),
    ]),
  ])
}

/** One entry of a console. */
export function encodeConsoleEntry(deltaNs: bigint, text: Uint8Array): Uint8Array {
  return Buffer.concat([entryHead(deltaNs, text.length), text])
}

/** Encoded length of a console entry, by the length of its text in bytes. */
export function consoleEntrySizeBytes(deltaNs: bigint, textBytes: number): number {
  return encodedBytes(encodedBytes(formatInteger(deltaNs).length) + encodedBytes(textBytes))
}

/** The encoded bytes before the text of a console entry. */
function entryHead(deltaNs: bigint, textBytes: number): Uint8Array {
  const delta = formatInteger(deltaNs)
  const fields = [header(integer, delta.length), delta, header(utf8String, textBytes)]
  const fieldsBytes = fields.reduce((sum, field) => sum + field.length, textBytes)
  return Buffer.concat([header(sequence, fieldsBytes), ...fields])
}

function content(what: string, { sizeBytes, data }: ExecContent): Part {
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
        if (missing !== 0) throw new Error(`data of ${what} is not ${sizeBytes} bytes long`)
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

/** Encoded length of a value, by the length of its content in bytes. */
function encodedBytes(length: number): number {
  let headBytes = 2
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) headBytes++
  return headBytes + length
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
