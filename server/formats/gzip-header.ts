import { MalformedError } from '../errors.ts'

/** What a gzip file says of itself, beside its content. */
export type GzipHeader = {
  /** When the content was last changed, in seconds since 1970; null if the header does not say. */
  modifiedAt: number | null
  /** 2: the best compression, 4: the fastest; others are seldom. */
  extraFlags: number
  /** 3 is Unix, 255 unknown. */
  operatingSystem: number
  name: string | null
  comment: string | null
}

const [hasExtra, hasName, hasComment] = [4, 8, 16]

/** The header of a gzip file. Throws MalformedError. Source: RFC 1952, 2.3. */
export function readGzipHeader(bytes: Uint8Array): GzipHeader {
  const fail = (offset: number, reason: string) => new MalformedError('gzip', offset, reason)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw fail(0, 'it does not begin as a gzip file does')
  if (bytes.length < 10) throw fail(bytes.length, 'the header is cut short')
  if (bytes[2] !== 8) throw fail(2, `its content is compressed by method ${bytes[2]}, not by deflate`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = bytes[3] ?? 0
  let at = 10
  if (flags & hasExtra) {
    if (at + 2 > bytes.length) throw fail(at, 'the header is cut short')
    at += 2 + view.getUint16(at, true)
  }
  const text = (isThere: number) => {
    if (!isThere) return null
    const end = bytes.indexOf(0, at)
    if (end < 0) throw fail(Math.min(at, bytes.length), 'a text of the header does not end')
    const found = Buffer.from(bytes.subarray(at, end)).toString('latin1')
    at = end + 1
    return found
  }
  const seconds = view.getUint32(4, true)
  return {
    modifiedAt: seconds === 0 ? null : seconds,
    extraFlags: bytes[8] ?? 0,
    operatingSystem: bytes[9] ?? 0,
    name: text(flags & hasName),
    comment: text(flags & hasComment),
  }
}
