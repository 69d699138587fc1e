import { MalformedError } from '../errors.ts'

/** Identifier octets (class, constructed bit and number in one octet; X.690, 8.1.2). */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  /** [n] EXPLICIT, n < 31. */
  explicit: (n: number) => 0xa0 | n,
} as const

/** A header takes at most this many bytes: identifier, length of the length, eight bytes of length. */
export const derHeaderBytes = 10

/** Position of a value for error messages: byte `offset` of an input in `format`; `what` names the value. */
export type DerPlace = { format: string; what: string; offset: number }

/**
 * A value whose header was read, which is where `offset` points. `start` and `end` bound the
 * content. All three count bytes from the start of the input.
 */
export type DerValue = DerPlace & { tag: number; start: number; end: number }

/** The error for the value at `place`, or at `offset` in the input. `reason` follows the name of the value. */
export function malformed(place: DerPlace, reason: string, offset = place.offset): MalformedError {
  return new MalformedError(place.format, offset, `${place.what} ${reason}`)
}

/** Octets of the content of `value`. */
export function derLength(value: DerValue): number {
  return value.end - value.start
}

/**
 * Header of the value at `place`, which is at `position` in `bytes`. Null if the header is not complete before
 * `end`. Throws MalformedError for lengths that DER forbids (X.690, 10.1).
 */
export function parseDerHeader(
  bytes: Uint8Array,
  position: number,
  end: number,
  place: DerPlace,
): DerValue | null {
  const { format, what, offset } = place
  const tag = position < end ? bytes[position] : undefined
  const first = position + 1 < end ? bytes[position + 1] : undefined
  if (tag !== undefined && (tag & 0x1f) === 0x1f) throw malformed(place, 'has a tag number above 30')
  if (tag === undefined || first === undefined) return null
  if (first < 0x80) return { format, what, offset, tag, start: offset + 2, end: offset + 2 + first }

  const refuse = (reason: string) => malformed(place, reason, offset + 1)
  if (first === 0x80) throw refuse('has an indefinite length')
  const lengthOctets = first & 0x7f
  if (lengthOctets > 8) throw refuse('has a length of more than eight bytes')
  let length = 0
  for (let i = 0; i < lengthOctets; i++) {
    const at = position + 2 + i
    const octet = at < end ? bytes[at] : undefined
    if (octet === undefined) return null
    if (i === 0 && octet === 0) throw refuse('has a length with a leading zero')
    length = length * 256 + octet
  }
  // X.690 requires the short form up to 127, but builder's own decoder accepts a long 127, so this one does.
  if (length < 0x7f) throw refuse('has a long form for a short length')
  // Half, so that the offsets made from it are exact as well.
  if (length > Number.MAX_SAFE_INTEGER / 2) throw refuse('has a length beyond any input')
  const start = offset + 2 + lengthOctets
  return { format, what, offset, tag, start, end: start + length }
}
