import { type DerPlace, malformed } from './der-header.ts'

/** Content octets of INTEGERs (X.690, 8.3). asn1js takes 3 µs for each, and a console has millions. */

/** OCaml's `int`, which builder has for every INTEGER: 63 bits. */
const min = -(2n ** 62n)
const max = 2n ** 62n - 1n

/** One to eight octets, two's complement, big-endian, the shortest form. Throws MalformedError. */
export function parseInteger(octets: Uint8Array, place: DerPlace): bigint {
  const [first, second] = octets
  if (first === undefined) throw malformed(place, 'is an INTEGER without content')
  if (isRedundant(first, second)) throw malformed(place, 'is an INTEGER with redundant leading bits')
  const value = octets.length > 8 ? null : twosComplement(octets)
  if (value === null || value < min || value > max) throw malformed(place, 'does not fit 63 bits')
  return value
}

/** The octets of `value`. Throws RangeError if it does not fit 63 bits. */
export function formatInteger(value: bigint): Uint8Array {
  if (value < min || value > max) throw new RangeError(`${value} does not fit 63 bits`)
  const octets = Buffer.alloc(8)
  octets.writeBigInt64BE(value)
  let start = 0
  while (start < 7 && isRedundant(octets[start], octets[start + 1])) start++
  return octets.subarray(start)
}

/** Whether an octet only repeats the sign that the next one carries. */
function isRedundant(octet: number | undefined, next: number | undefined): boolean {
  return next !== undefined && octet === (next < 0x80 ? 0x00 : 0xff)
}

function twosComplement(octets: Uint8Array): bigint {
  // Six octets are exact as a number, which is several times faster.
  if (octets.length <= 6) return BigInt(asBuffer(octets).readIntBE(0, octets.length))
  return BigInt.asIntN(octets.length * 8, BigInt(`0x${asBuffer(octets).toString('hex')}`))
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
