import type { Difference, Place } from './difference.ts'

/** Bytes `leftStart` to `leftEnd` (exclusive) of one side stand where those of the other side stand. */
export type DifferingRange = { leftStart: number; leftEnd: number; rightStart: number; rightEnd: number }

const blockBytes = 4096
/** Ranges with fewer equal bytes between them are one: numbers differ in some of their bytes. */
const gapBytes = 8
const maxRanges = 20_000

/**
 * Where two contents differ. Of equal lengths: every range, 20,000 at most. Of other lengths: one range, between what both begin and
 * end with.
 */
export function findRanges(left: Uint8Array, right: Uint8Array): DifferingRange[] {
  if (left.length !== right.length) return [rangeBetween(left, right)]
  const ranges: DifferingRange[] = []
  let last: DifferingRange | undefined
  for (let block = 0; block < left.length; block += blockBytes) {
    const end = Math.min(block + blockBytes, left.length)
    if (Buffer.compare(left.subarray(block, end), right.subarray(block, end)) === 0) continue
    for (let at = block; at < end; at++) {
      if (left[at] === right[at]) continue
      if (last && at - last.leftEnd < gapBytes) {
        last.leftEnd = last.rightEnd = at + 1
        continue
      }
      if (ranges.length === maxRanges) return ranges
      ranges.push((last = { leftStart: at, leftEnd: at + 1, rightStart: at, rightEnd: at + 1 }))
    }
  }
  return ranges
}

function rangeBetween(left: Uint8Array, right: Uint8Array): DifferingRange {
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left[start] === right[start]) start++
  let end = 0
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end++
  return {
    ...{ leftStart: start, leftEnd: left.length - end },
    ...{ rightStart: start, rightEnd: right.length - end },
  }
}

const rowBytes = 16
const windowBytes = 4 * rowBytes
/** Bytes before a range that are shown: a number begins at most so far before its first byte that differs. */
const leadBytes = 4

/** A range as it is shown, with the bytes and the text around it. */
export function placeOf(left: Uint8Array, right: Uint8Array, range: DifferingRange): Place {
  const [leftStart, rightStart] = [windowStart(range.leftStart), windowStart(range.rightStart)]
  return {
    leftOffset: range.leftStart,
    leftBytes: range.leftEnd - range.leftStart,
    leftStart,
    left: hexOf(left, leftStart, range.leftEnd),
    leftText: textAround(left, range.leftStart, range.leftEnd),
    rightOffset: range.rightStart,
    rightBytes: range.rightEnd - range.rightStart,
    rightStart,
    right: hexOf(right, rightStart, range.rightEnd),
    rightText: textAround(right, range.rightStart, range.rightEnd),
  }
}

function windowStart(start: number): number {
  const from = Math.max(0, start - leadBytes)
  return from - (from % rowBytes)
}

/** To the end of the row that the range ends in, four rows at most. */
function hexOf(bytes: Uint8Array, start: number, rangeEnd: number): string {
  const end = Math.min(start + windowBytes, Math.ceil((rangeEnd + 1) / rowBytes) * rowBytes, bytes.length)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start)).toString('hex')
}

const isPrintable = (byte: number | undefined) => byte !== undefined && byte >= 0x20 && byte <= 0x7e
const shortestText = 4
const longestText = 200

/** The printable characters from before the start of a range to behind its end; null if they are fewer than four. */
export function textAround(bytes: Uint8Array, rangeStart: number, rangeEnd: number): string | null {
  let start = rangeStart
  while (start > 0 && rangeStart - start < longestText / 2 && isPrintable(bytes[start - 1])) start--
  let end = rangeStart
  while (end - start < longestText && isPrintable(bytes[end])) end++
  // The range may begin with the end of a shorter text: `a` stands where the other side has the byte 0.
  if (end < rangeEnd && end === rangeStart && end - start < shortestText) return null
  return end - start < shortestText
    ? null
    : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

const maxPlaces = 4

/** Adds the first of the places in which two contents differ. */
export function addPlaces(
  difference: Difference,
  left: Uint8Array,
  right: Uint8Array,
  ranges: readonly DifferingRange[] = findRanges(left, right),
): void {
  difference.placeCount += ranges.length
  difference.places.push(...ranges.slice(0, maxPlaces).map((range) => placeOf(left, right, range)))
}
