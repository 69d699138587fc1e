import { isOfBuild, type BuildTime } from './dates.ts'
import type { Place } from './difference.ts'

const timeBytes = 4

/**
 * Numbers of 4 bytes, in either byte order, that cover the start of a place and are seconds since 1970 from when the builds ran. A
 * coincidence is improbable: two hours of the numbers that there are, on both sides.
 */
export function findBinaryTime(
  place: Place,
  times: { left: BuildTime; right: BuildTime },
): { left: string; right: string } | null {
  if (place.leftBytes > timeBytes || place.rightBytes > timeBytes) return null
  const [left, right] = [Buffer.from(place.left, 'hex'), Buffer.from(place.right, 'hex')]
  const at = place.leftOffset - place.leftStart
  const shift = place.rightOffset - place.rightStart - at
  for (let start = Math.max(0, at - timeBytes + 1); start <= at; start++) {
    for (const read of ['readUInt32LE', 'readUInt32BE'] as const) {
      if (start + timeBytes > left.length || start + shift < 0 || start + shift + timeBytes > right.length)
        continue
      const [one, other] = [left[read](start) * 1000, right[read](start + shift) * 1000]
      const isTime = (ms: number, build: BuildTime) => isOfBuild({ fromMs: ms, toMs: ms }, build)
      if (one !== other && isTime(one, times.left) && isTime(other, times.right))
        return { left: new Date(one).toISOString(), right: new Date(other).toISOString() }
    }
  }
  return null
}
