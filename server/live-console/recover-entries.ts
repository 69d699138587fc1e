import type { FileHandle } from 'node:fs/promises'
import { readEntryAt } from './entry-format.ts'
import { readAt, writeAt } from './positional-file.ts'

/** Length of an offset in the index: the place of an entry in the file of entries. */
export const offsetBytes = 6

const windowBytes = 1024 * 1024

/** What a file of entries holds. */
export type Recovered = { count: number; sizeBytes: number; lastDeltaNs: bigint }

/**
 * Reads the entries that an earlier process wrote, writes their index, and cuts off what is torn at the end. Memory does
 * not grow with the console.
 */
export async function recoverEntries(
  entries: FileHandle,
  index: FileHandle,
  maxTextBytes: number,
): Promise<Recovered> {
  const found: Recovered = { count: 0, sizeBytes: 0, lastDeltaNs: 0n }
  let wantedBytes = windowBytes
  for (;;) {
    const window = await readAt(entries, found.sizeBytes, wantedBytes)
    const { offsets, isAtEnd, neededBytes, usedBytes, lastDeltaNs } = scan(window, found, maxTextBytes)
    await writeAt(index, offsets, found.count * offsetBytes)
    found.count += offsets.length / offsetBytes
    found.sizeBytes += usedBytes
    found.lastDeltaNs = lastDeltaNs
    if (isAtEnd || window.length < wantedBytes) break
    wantedBytes = Math.max(windowBytes, neededBytes)
  }
  await entries.truncate(found.sizeBytes)
  return found
}

function scan(window: Buffer, { sizeBytes, lastDeltaNs }: Recovered, maxTextBytes: number) {
  const places: number[] = []
  let at = 0
  let last = lastDeltaNs
  for (;;) {
    const read = readEntryAt(window, at, maxTextBytes)
    if (read.kind !== 'entry') {
      const offsets = Buffer.allocUnsafe(places.length * offsetBytes)
      places.forEach((place, n) => offsets.writeUIntBE(place, n * offsetBytes, offsetBytes))
      return {
        offsets,
        usedBytes: at,
        lastDeltaNs: last,
        isAtEnd: read.kind === 'torn',
        neededBytes: read.kind === 'cut' ? read.neededBytes : 0,
      }
    }
    places.push(sizeBytes + at)
    last = read.entry.deltaNs
    at = read.end
  }
}
