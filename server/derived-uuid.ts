import { createHash } from 'node:crypto'
import { printUuid } from './formats/uuid-octets.ts'

// The same input gives the same UUID: what is written twice is one thing. Source: RFC 9562.

/** A UUID of version 8, out of the SHA-256 of any text. */
export const uuidOfText = (text: string): string => withVersion(createHash('sha256').update(text).digest(), 8)

/** Of URLs. Source: RFC 9562, 6.6. */
const urls = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')

/** A UUID of version 5, as other programs make it for a URL. `url` may have a word behind it that tells apart what has the same URL. */
export const uuidOfUrl = (url: string): string =>
  withVersion(createHash('sha1').update(urls).update(url).digest(), 5)

function withVersion(digest: Buffer, version: number): string {
  const octets = digest.subarray(0, 16)
  octets[6] = ((octets[6] ?? 0) & 0x0f) | (version << 4)
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  return printUuid(octets)
}
