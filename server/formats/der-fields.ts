import { parseInteger } from './asn1-integer.ts'
import { parseGeneralizedTime, parseUtcTime } from './asn1-time.ts'
import type { DerReader } from './der.ts'
import { derLength, derTags, type DerValue, malformed } from './der-header.ts'
import { decodeResult, type ExecResult } from './exec-values.ts'
import { parseUuid } from './uuid-octets.ts'

/**
 * Fields of a DER value that is in memory as a whole, so that nothing waits: each function takes the next field of
 * `parent`, and throws MalformedError if it is not what its name says. `what` names the field in the error.
 */

const { boolean, integer, octetString, utf8String, utcTime, generalizedTime, sequence, explicit } = derTags
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** CHOICE of [0] NULL, [1] NULL …, EXPLICIT. */
export function takeChoice<One extends string>(
  der: DerReader,
  parent: DerValue,
  what: string,
  choices: readonly One[],
): One {
  const { tag } = der.peek(parent, what)
  const choice = der.open(parent, what, tag)
  const chosen = choices[tag - explicit(0)]
  if (chosen === undefined)
    throw malformed(
      choice,
      `has tag 0x${tag.toString(16).padStart(2, '0')}: it is none of ${choices.join(', ')}`,
    )
  takeNull(der, choice, what)
  der.close(choice)
  return chosen
}

/** The result of a job: see `ExecResult`. */
export function takeResult(der: DerReader, parent: DerValue): ExecResult {
  const { value, encoded } = der.takeEncoded(parent, 'the result')
  return decodeResult(value, encoded)
}

export function takeInteger(der: DerReader, parent: DerValue, what: string): bigint {
  const value = der.open(parent, what, integer)
  return parseInteger(der.take(value), value)
}

/** A number from 0 that is exact as a double. */
export function takeWhole(der: DerReader, parent: DerValue, what: string): number {
  const value = der.open(parent, what, integer)
  const number = Number(parseInteger(der.take(value), value))
  if (number < 0 || number > Number.MAX_SAFE_INTEGER)
    throw malformed(value, 'is not a whole number from 0 to 2^53 - 1')
  return number
}

export function takeBoolean(der: DerReader, parent: DerValue, what: string): boolean {
  const value = der.open(parent, what, boolean)
  const octets = der.take(value)
  const isBoolean = octets.length === 1 && (octets[0] === 0 || octets[0] === 0xff)
  if (!isBoolean) throw malformed(value, 'is neither true nor false')
  return octets[0] === 0xff
}

/** The octets of a value that is tagged as text and may have any. */
export function takeText(der: DerReader, parent: DerValue, what: string): Uint8Array {
  return der.take(der.open(parent, what, utf8String))
}

export function takeOctets(der: DerReader, parent: DerValue, what: string): Uint8Array {
  return der.take(der.open(parent, what, octetString))
}

export function takeUuid(der: DerReader, parent: DerValue): string {
  const value = der.open(parent, 'uuid', utf8String)
  return parseUuid(der.take(value), value)
}

export function takeName(der: DerReader, parent: DerValue, what: string): string {
  const value = der.open(parent, what, utf8String)
  try {
    return utf8.decode(der.take(value))
  } catch (error) {
    if (error instanceof TypeError) throw malformed(value, 'is not UTF-8')
    throw error
  }
}

export function takeNull(der: DerReader, parent: DerValue, what: string): void {
  const value = der.open(parent, what, derTags.null)
  if (derLength(value) > 0) throw malformed(value, 'is a NULL with content')
}

export function inSequence<Value>(
  der: DerReader,
  parent: DerValue,
  what: string,
  take: (body: DerValue) => Value,
): Value {
  const body = der.open(parent, what, sequence)
  const value = take(body)
  der.close(body)
  return value
}

export function listOf<Value>(
  der: DerReader,
  parent: DerValue,
  what: string,
  take: (list: DerValue) => Value,
): Value[] {
  const list = der.open(parent, what, sequence)
  const values: Value[] = []
  while (!der.isAtEnd(list)) values.push(take(list))
  return values
}

export function takeTime(der: DerReader, parent: DerValue, what: string): Date {
  const { tag } = der.peek(parent, what)
  const value = der.open(parent, what, tag === utcTime ? utcTime : generalizedTime)
  const text = Buffer.from(der.take(value)).toString('latin1')
  return tag === utcTime ? parseUtcTime(text, value) : parseGeneralizedTime(text, value)
}
