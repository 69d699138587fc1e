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
import { MalformedError } from '../errors.ts'
import { Asn1TimeError, formatGeneralizedTime, parseGeneralizedTime, parseUtcTime } from './asn1-time.ts'
import { type DerValue, derTags, parseDerHeader } from './der.ts'

/**
 * The small values of a build record, by asn1js with the schemas of the ASN.1 module. asn1js
 * reads BER, so what it is given was checked to be DER before, and its fields to be valid.
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

/** Result ::= CHOICE { exited [0] INTEGER, signalled [1] INTEGER, stopped [2] INTEGER, msg [3] UTF8String }, EXPLICIT */
const resultSchema = new Choice({
  value: [
    explicit(0, new Integer({ name: 'exited' })),
    explicit(1, new Integer({ name: 'signalled' })),
    explicit(2, new Integer({ name: 'stopped' })),
    explicit(3, new Utf8String({ name: 'aborted' })),
  ],
})

/** An encoded value of the input: `encoded` has its header, `value` says where it stood. */
type Encoded = { format: string; value: DerValue; encoded: Uint8Array }

/** Throws MalformedError. */
export function decodeTimestamps(input: Encoded): { startedAt: Date; finishedAt: Date } {
  const { started, finished } = decode(input, timestampsSchema, 2)
  if (!started || !finished) throw mismatch(input, 'is not two times')
  return { startedAt: timeOf(started), finishedAt: timeOf(finished) }
}

/** Throws MalformedError. */
export function decodeResult(input: Encoded): ExecResult {
  const { exited, signalled, stopped, aborted } = decode(input, resultSchema, 1)
  if (exited) return { kind: 'exited', code: integerOf(contentOf(exited)) }
  if (signalled) return { kind: 'signalled', signal: integerOf(contentOf(signalled)) }
  if (stopped) return { kind: 'stopped', signal: integerOf(contentOf(stopped)) }
  if (aborted) return { kind: 'aborted', message: Uint8Array.from(contentOf(aborted)) }
  throw mismatch(input, 'is not exited, signalled, stopped or a message')
}

export function encodeTimestamps({
  startedAt,
  finishedAt,
}: {
  startedAt: Date
  finishedAt: Date
}): Uint8Array {
  const value = [startedAt, finishedAt].map((at) => new GeneralizedTime({ value: formatGeneralizedTime(at) }))
  return new Uint8Array(new Sequence({ value }).toBER())
}

export function encodeResult(result: ExecResult): Uint8Array {
  return new Uint8Array(resultBlock(result).toBER())
}

export function encodeInteger(value: bigint): Uint8Array {
  return new Uint8Array(Integer.fromBigInt(value).toBER())
}

/** OCaml's `int`, which is what builder has for every INTEGER: 63 bits. */
const [minInteger, maxInteger] = [-(2n ** 62n), 2n ** 62n - 1n]

/** Content octets of an INTEGER → its value. Throws MalformedError with `offset`, where they stood. */
export function parseInteger(
  octets: Uint8Array,
  at: { format: string; offset: number; what: string },
): bigint {
  const refuse = (reason: string) => new MalformedError(at.format, at.offset, `${at.what} ${reason}`)
  const [first, second] = octets
  if (first === undefined) throw refuse('is an INTEGER without content')
  if (second !== undefined && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80)) {
    throw refuse('is an INTEGER with redundant leading bits')
  }
  const value = octets.length <= 8 ? integerOf(octets) : null
  if (value === null || value < minInteger || value > maxInteger) throw refuse('does not fit 63 bits')
  return value
}

/** Two's complement, big-endian, one to eight octets. */
function integerOf(octets: Uint8Array): bigint {
  // Six octets are exact in a double, and far faster than a bigint grown octet by octet.
  if (octets.length <= 6)
    return BigInt(Buffer.from(octets.buffer, octets.byteOffset, octets.length).readIntBE(0, octets.length))
  return BigInt.asIntN(octets.length * 8, BigInt(`0x${Buffer.from(octets).toString('hex')}`))
}

function resultBlock(result: ExecResult): Constructed {
  switch (result.kind) {
    case 'exited':
      return explicit(0, Integer.fromBigInt(result.code))
    case 'signalled':
      return explicit(1, Integer.fromBigInt(result.signal))
    case 'stopped':
      return explicit(2, Integer.fromBigInt(result.signal))
    case 'aborted':
      return explicit(3, new Utf8String({ valueHex: Uint8Array.from(result.message).buffer }))
  }
}

/** The named blocks of `schema` in what was encoded; none where it does not fit. */
function decode(
  input: Encoded,
  schema: Sequence | Choice,
  fieldCount: number,
): Record<string, BaseBlock | undefined> {
  const children = checkFields(input)
  const { verified, result } = verifySchema(input.encoded, schema)
  // asn1js takes a SEQUENCE that has more fields than its schema.
  return verified && children === fieldCount ? result : {}
}

/** Checks that a value's fields are primitive, DER, and what their tags promise; gives their number. */
function checkFields({ format, value, encoded }: Encoded): number {
  let count = 0
  for (let offset = value.start; offset < value.end; count++) {
    const what = `field ${count + 1} of ${value.what}`
    const field = parseDerHeader(encoded, offset - value.offset, offset, { format, what })
    if (!field || field.end > value.end)
      throw new MalformedError(format, offset, `${what} overruns ${value.what}`)
    const content = encoded.subarray(field.start - value.offset, field.end - value.offset)
    checkField(content, field, format)
    offset = field.end
  }
  return count
}

function checkField(content: Uint8Array, { tag, offset, what }: DerValue, format: string): void {
  if (tag === derTags.integer) parseInteger(content, { format, offset, what })
  if (tag & 0x20) throw new MalformedError(format, offset, `${what} is not primitive`)
  if (tag !== derTags.utcTime && tag !== derTags.generalizedTime) return
  try {
    parseTime(tag, content)
  } catch (error) {
    if (!(error instanceof Asn1TimeError)) throw error
    throw new MalformedError(format, offset, `${what}: ${error.message}`)
  }
}

function parseTime(tag: number, content: Uint8Array): Date {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1')
  return tag === derTags.utcTime ? parseUtcTime(text) : parseGeneralizedTime(text)
}

function timeOf(block: BaseBlock): Date {
  return parseTime(block.idBlock.tagNumber, contentOf(block))
}

function contentOf(block: BaseBlock): Uint8Array {
  return (block as Integer | Utf8String | UTCTime).valueBlock.valueHexView
}

function mismatch({ format, value }: Encoded, reason: string): MalformedError {
  return new MalformedError(format, value.offset, `${value.what} ${reason}`)
}
