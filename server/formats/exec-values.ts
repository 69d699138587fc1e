import {
  type BaseBlock,
  Choice,
  Constructed,
  GeneralizedTime,
  Integer,
  Sequence,
  UTCTime,
  Utf8String,
  verifySchema,
} from 'asn1js'
import { formatInteger, parseInteger } from './asn1-integer.ts'
import { formatGeneralizedTime, parseGeneralizedTime, parseUtcTime } from './asn1-time.ts'
import { type DerPlace, type DerValue, derTags, malformed, parseDerHeader } from './der-header.ts'

/**
 * The small values of a build record, decoded and encoded by asn1js with the schemas of builder's ASN.1 module.
 * asn1js accepts BER and throws on some times, so its input is first checked to be DER with valid fields.
 * Content is read as octets, because values that are tagged as text may contain any bytes.
 */

/** How a build ended. Signal numbers are OCaml's: negative for the POSIX ones (−7 is SIGKILL). */
export type ExecResult =
  | { kind: 'exited'; code: bigint }
  | { kind: 'signalled'; signal: bigint }
  | { kind: 'stopped'; signal: bigint }
  | { kind: 'aborted'; message: Uint8Array }

const time = (name: string) => new Choice({ value: [new UTCTime({ name }), new GeneralizedTime({ name })] })
const explicit = (tagNumber: number, value: BaseBlock) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value: [value] })

/** Timestamps ::= SEQUENCE { started Time, finished Time } */
const timestampsSchema = new Sequence({ value: [time('started'), time('finished')] })

/**
 * Result ::= CHOICE { exited [0] INTEGER, signalled [1] INTEGER, stopped [2] INTEGER, msg [3] UTF8String }, EXPLICIT
 */
const resultSchema = new Choice({
  value: [
    explicit(0, new Integer({ name: 'exited' })),
    explicit(1, new Integer({ name: 'signalled' })),
    explicit(2, new Integer({ name: 'stopped' })),
    explicit(3, new Utf8String({ name: 'aborted' })),
  ],
})

/** Throws MalformedError. `encoded` is the header of `value` and its content. */
export function decodeTimestamps(
  value: DerValue,
  encoded: Uint8Array,
): { startedAt: Date; finishedAt: Date } {
  const { started, finished } = decode(value, encoded, timestampsSchema, ['start time', 'finish time'])
  if (!started || !finished) throw malformed(value, 'holds something else than times')
  return { startedAt: timeOf(started, value), finishedAt: timeOf(finished, value) }
}

/** Throws MalformedError. `encoded` is the header of `value` and its content. */
export function decodeResult(value: DerValue, encoded: Uint8Array): ExecResult {
  const { exited, signalled, stopped, aborted } = decode(value, encoded, resultSchema, [
    'value of the result',
  ])
  if (exited) return { kind: 'exited', code: integerOf(exited, value) }
  if (signalled) return { kind: 'signalled', signal: integerOf(signalled, value) }
  if (stopped) return { kind: 'stopped', signal: integerOf(stopped, value) }
  if (aborted) return { kind: 'aborted', message: Uint8Array.from(contentOf(aborted)) }
  throw malformed(value, 'is not exited, signalled, stopped or a message')
}

/** DER. Throws RangeError for years that GeneralizedTime does not have. */
export function encodeTimestamps(times: { startedAt: Date; finishedAt: Date }): Uint8Array {
  const value = [times.startedAt, times.finishedAt].map(
    (at) => new GeneralizedTime({ value: formatGeneralizedTime(at) }),
  )
  return new Uint8Array(new Sequence({ value }).toBER())
}

/** DER. Throws RangeError for numbers above 63 bits. */
export function encodeResult(result: ExecResult): Uint8Array {
  return new Uint8Array(resultBlock(result).toBER())
}

function resultBlock(result: ExecResult): Constructed {
  switch (result.kind) {
    case 'exited':
      return explicit(0, integerBlock(result.code))
    case 'signalled':
      return explicit(1, integerBlock(result.signal))
    case 'stopped':
      return explicit(2, integerBlock(result.signal))
    case 'aborted':
      return explicit(3, new Utf8String({ valueHex: Uint8Array.from(result.message).buffer }))
  }
}

function integerBlock(value: bigint): Integer {
  return new Integer({ valueHex: Uint8Array.from(formatInteger(value)).buffer })
}

/** The blocks that `schema` names; none if the value does not match it. Throws MalformedError if it is not DER. */
function decode(
  value: DerValue,
  encoded: Uint8Array,
  schema: Sequence | Choice,
  names: readonly string[],
): Record<string, BaseBlock | undefined> {
  if (!isConstructed(value)) throw malformed(value, 'is not constructed')
  let end = value.start
  for (const what of names) end = checkField(value, encoded, { format: value.format, what, offset: end })
  if (end < value.end) throw malformed(value, 'has more fields than expected', end)
  const { verified, result } = verifySchema(encoded, schema)
  return verified ? result : {}
}

/** Checks that the field at `place` is primitive, DER, and valid for its tag. Returns the offset of its end. */
function checkField(value: DerValue, encoded: Uint8Array, place: DerPlace): number {
  if (place.offset === value.end) throw malformed(value, `ends before ${place.what}`, value.end)
  const field = parseDerHeader(encoded, place.offset - value.offset, encoded.length, place)
  if (!field || field.end > value.end) throw malformed(place, `overruns ${value.what}`)
  const content = encoded.subarray(field.start - value.offset, field.end - value.offset)
  if (isConstructed(field)) throw malformed(field, 'is not primitive')
  if (field.tag === derTags.integer) parseInteger(content, field)
  if (isTime(field)) parseTime(field.tag, content, field)
  return field.end
}

function isConstructed({ tag }: DerValue): boolean {
  return (tag & 0x20) !== 0
}

function isTime({ tag }: DerValue): boolean {
  return tag === derTags.utcTime || tag === derTags.generalizedTime
}

function parseTime(tag: number, content: Uint8Array, place: DerPlace): Date {
  const text = Buffer.from(content).toString('latin1')
  return tag === derTags.utcTime ? parseUtcTime(text, place) : parseGeneralizedTime(text, place)
}

function timeOf(block: BaseBlock, place: DerPlace): Date {
  return parseTime(block.idBlock.tagNumber, contentOf(block), place)
}

function integerOf(block: BaseBlock, place: DerPlace): bigint {
  return parseInteger(contentOf(block), place)
}

function contentOf(block: BaseBlock): Uint8Array {
  const isPrimitive = block instanceof Integer || block instanceof Utf8String || block instanceof UTCTime
  if (isPrimitive) return block.valueBlock.valueHexView
  throw new TypeError('a schema names a block that is neither a number nor text')
}
