import { formatInteger } from './asn1-integer.ts'
import { derTags } from './der-header.ts'
import {
  bytes,
  content,
  encodedBytes,
  type ExecContent,
  gather,
  header,
  type Part,
  raw,
  tagged,
  text,
} from './der-parts.ts'
import type { ExecFacts } from './exec-record.ts'
import { encodeResult, encodeTimestamps } from './exec-values.ts'

export type { ExecContent } from './der-parts.ts'

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

const { integer, utf8String, sequence, explicit } = derTags

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
