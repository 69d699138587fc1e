import { formatByteSize, formatExactBytes } from './byte-size.ts'
import { formatDuration } from './duration.ts'

const sign = (value: number) => (value < 0 ? '−' : '+')

/** A difference of sizes: `+102 KiB`, `−12 B`, `±0 B`. */
export function formatSizeDelta(deltaBytes: number): string {
  return deltaBytes === 0 ? '±0 B' : `${sign(deltaBytes)}${formatByteSize(Math.abs(deltaBytes))}`
}

/** The exact difference: `+104,448 bytes`. */
export function formatExactDelta(deltaBytes: number): string {
  return `${deltaBytes === 0 ? '±' : sign(deltaBytes)}${formatExactBytes(Math.abs(deltaBytes))}`
}

/** A difference of durations: `+14.2 s`, `−1m 02s`. */
export function formatDurationDelta(deltaMs: number): string {
  return deltaMs === 0 ? '±0 s' : `${sign(deltaMs)}${formatDuration(Math.abs(deltaMs))}`
}

/** A place in a file as tools name it: `0x1f40`. */
export function formatOffset(offset: number): string {
  return `0x${offset.toString(16)}`
}

/** `1 package`, `2,000 packages`. `noun`: in the singular, its plural is regular. */
export function countOf(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}
