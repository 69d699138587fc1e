import type { Place } from './difference.ts'

/** Fewer bytes tell nothing. */
const fewestBytes = 16
/** Random bytes are equal on both sides once in 256. */
const mostEqual = 0.1
const leastEntropy = 0.85

/**
 * Whether a place of the same length on both sides has bytes, or digits of hashes and UUIDs, without any pattern: random, or a hash of
 * something that differs. Returns the bytes as hexadecimal digits, or the digits.
 */
export function findRandomness(place: Place): { left: string; right: string } | null {
  const digits = findDigits(place)
  if (digits) return digits
  if (place.leftBytes !== place.rightBytes || place.leftBytes < fewestBytes) return null
  const [left, right] = [
    shown(place.left, place.leftOffset - place.leftStart, place.leftBytes),
    shown(place.right, place.rightOffset - place.rightStart, place.rightBytes),
  ]
  if (left.length < fewestBytes || left.length !== right.length) return null
  const equal = left.filter((byte, i) => byte === right[i]).length
  if (equal > left.length * mostEqual) return null
  if (entropyOf(left) < leastEntropy || entropyOf(right) < leastEntropy) return null
  return { left: left.toString('hex'), right: right.toString('hex') }
}

const digitsPattern =
  /(?<![\w-])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,128})(?![\w-])/i

function findDigits({ leftText, rightText }: Place): { left: string; right: string } | null {
  const [left, right] = [leftText, rightText].map((text) => digitsPattern.exec(text ?? '')?.[0])
  return left && right && left !== right && left.length === right.length ? { left, right } : null
}

function shown(hex: string, at: number, length: number): Buffer {
  return Buffer.from(hex, 'hex').subarray(at, at + length)
}

/** Shannon's entropy of the bytes, as a part of the most that so many bytes can have. */
function entropyOf(bytes: Uint8Array): number {
  const counts = new Map<number, number>()
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / bytes.length) * Math.log2(count / bytes.length)
  return bits / Math.log2(Math.min(256, bytes.length))
}
