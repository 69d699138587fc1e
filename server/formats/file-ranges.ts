import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/**
 * A file of which parts are read. `read` gives bytes `start` to `end` (exclusive), both within
 * `sizeBytes`: a view of a file in memory, a copy of one on disk.
 */
export type FileRanges = { sizeBytes: number; read: (start: number, end: number) => Uint8Array }

/** A file, or the bytes of one that is in memory. */
export type FileContent = FileRanges | Uint8Array

export function rangesOf(content: FileContent): FileRanges {
  if (!(content instanceof Uint8Array)) return content
  return { sizeBytes: content.length, read: (start, end) => content.subarray(start, end) }
}

/** Run `use` with a file on disk, which is closed then. Throws system errors. */
export function withFileRanges<Value>(path: string, use: (file: FileRanges) => Value): Value {
  const descriptor = openSync(path, 'r')
  try {
    return use(fileRangesOf(descriptor, path))
  } finally {
    closeSync(descriptor)
  }
}

/** The same for a reader that waits. */
export async function withFileRangesOf<Value>(
  path: string,
  use: (file: FileRanges) => Promise<Value>,
): Promise<Value> {
  const descriptor = openSync(path, 'r')
  try {
    return await use(fileRangesOf(descriptor, path))
  } finally {
    closeSync(descriptor)
  }
}

function fileRangesOf(descriptor: number, path: string): FileRanges {
  return {
    sizeBytes: fstatSync(descriptor).size,
    read(start, end) {
      const bytes = Buffer.allocUnsafeSlow(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const count = readSync(descriptor, bytes, filled, bytes.length - filled, start + filled)
        if (count === 0) throw new Error(`${path} ended at byte ${start + filled}, before byte ${end}`)
        filled += count
      }
      return bytes
    },
  }
}
