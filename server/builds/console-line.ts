/** Bytes of one record of the line index: see `consoleSpool`. */
export const indexRecordBytes = 16

/** A line of the console file, from the line index. `offsetBytes` is the start of the line in the text. */
export type IndexRecord = { offsetBytes: number; isContinuation: boolean; deltaNs: bigint }

const two31 = 2 ** 31
const two32 = 2 ** 32

/**
 * Write an index record at `at`: big-endian 64-bit `offset << 1 | continuation`, then the delta in
 * nanoseconds, signed, which `delta` holds as its 8 bytes.
 */
export function writeIndexRecord(
  target: Buffer,
  at: number,
  offsetBytes: number,
  isContinuation: boolean,
  delta: Uint8Array,
): void {
  // In two halves, because BigInt is slow and a console may have millions of lines. Exact up to 2^53.
  target.writeUInt32BE(Math.floor(offsetBytes / two31), at)
  target.writeUInt32BE((offsetBytes % two31) * 2 + (isContinuation ? 1 : 0), at + 4)
  target.set(delta, at + 8)
}

/** Read the index record at `at`. */
export function readIndexRecord(source: Buffer, at: number): IndexRecord {
  const low = source.readUInt32BE(at + 4)
  return {
    offsetBytes: source.readUInt32BE(at) * two31 + (low >>> 1),
    isContinuation: (low & 1) === 1,
    deltaNs: source.readBigInt64BE(at + 8),
  }
}

/** A big-endian signed 64-bit integer as the nearest double, as C converts it. */
export function readInt64AsDouble(source: Buffer, at: number): number {
  return source.readInt32BE(at) * two32 + source.readUInt32BE(at + 4)
}

/** `1.235s:`, what each entry's first line starts with; `deltaNs` is the time since the build's start. */
export function linePrefix(deltaNs: number): string {
  return `${formatSeconds(deltaNs / 1e9)}s:`
}

/** C's `%.3f`: exact, and a tie is rounded to the even digit; `toFixed` rounds it up. */
function formatSeconds(seconds: number): string {
  // Only odd sixteenths lie exactly between two thousandths.
  if (Math.abs((seconds * 16) % 2) !== 1) return seconds.toFixed(3)
  const below = Math.floor(Math.abs(seconds) * 1000)
  const even = below % 2 === 0 ? below : below + 1
  return `${seconds < 0 ? '-' : ''}${(even / 1000).toFixed(3)}`
}
