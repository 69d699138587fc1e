import type { ConsoleEntry } from '../builds/console-entries.ts'
import { defaultExecLimits } from '../formats/exec-record.ts'
import { headerBytes } from './entry-format.ts'

export type LiveConsoleLimits = {
  /** Entries that are kept, and bytes of their file. */
  entries: number
  bytes: number
  /** Length of the text of an entry. */
  textBytes: number
}

/** What a record may have; 1 GiB of output leaves room for files in it. */
export const defaultLimits: LiveConsoleLimits = {
  entries: defaultExecLimits.consoleLines,
  bytes: 2 ** 30,
  textBytes: defaultExecLimits.consoleLineBytes,
}

/** Room for the last entry, which says that the limit is reached. */
const noteBytes = 256

/**
 * What is kept of `added` in a console that has `count` entries and `sizeBytes` already. Texts that are too long are cut,
 * and say so. `isFull`: the limit is reached; the last entry says so.
 */
export function limitEntries(
  added: readonly ConsoleEntry[],
  { count, sizeBytes }: { count: number; sizeBytes: number },
  limits: LiveConsoleLimits,
): { kept: ConsoleEntry[]; isFull: boolean } {
  const kept: ConsoleEntry[] = []
  let bytes = sizeBytes
  for (const { deltaNs, text } of added) {
    const entry = { deltaNs, text: cutText(text, limits.textBytes) }
    bytes += headerBytes + entry.text.length
    if (count + kept.length + 1 >= limits.entries || bytes > limits.bytes - noteBytes) {
      return { kept: [...kept, { deltaNs, text: Buffer.from(limitNote(limits)) }], isFull: true }
    }
    kept.push(entry)
  }
  return { kept, isFull: false }
}

const limitNote = ({ entries, bytes }: LiveConsoleLimits) =>
  `[the console has reached its limit of ${entries} lines or ${bytes} bytes: what follows is not kept]`

function cutText(text: Uint8Array, maxBytes: number): Uint8Array {
  if (text.length <= maxBytes) return text
  // As much room as the number takes that is not known yet.
  const note = (hidden: number) => Buffer.from(` [${hidden} more bytes of this line are not kept]`)
  const kept = maxBytes - note(text.length).length
  return Buffer.concat([text.subarray(0, kept), note(text.length - kept)])
}
