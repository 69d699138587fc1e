const chunkBytes = 64 * 1024

/** Collects small writes into chunks of about 64 KiB. Chunks are not changed after they were taken. */
export function outputBuffer() {
  let ready: Uint8Array[] = []
  let chunk = Buffer.allocUnsafe(chunkBytes)
  let used = 0

  return {
    /** Room for the next `length` bytes, to be filled before anything else is called. */
    reserve(length: number): Buffer {
      if (used + length > chunk.length) {
        if (used > 0) ready.push(chunk.subarray(0, used))
        chunk = Buffer.allocUnsafe(Math.max(chunkBytes, length))
        used = 0
      }
      used += length
      return chunk.subarray(used - length, used)
    },

    /** Take the chunks that are full. */
    takeFull(): Uint8Array[] {
      const full = ready
      ready = []
      return full
    },

    /** Take everything, at the end. */
    takeAll(): Uint8Array[] {
      return used > 0 ? [...ready, chunk.subarray(0, used)] : ready
    },
  }
}
