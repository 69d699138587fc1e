/** A longer line becomes several, so that no frame and no viewer has to hold a line of any length. */
export const maxLineBytes = 2 ** 20

export type LineSplitter = {
  /** The lines that a chunk completes, without their line feeds. They may be views into the chunk. */
  push: (chunk: Uint8Array) => Uint8Array[]
  /** What follows the last line feed; null: nothing. */
  end: () => Uint8Array | null
}

/** Splits output into lines at each line feed. Every other byte stays as it is, also carriage returns. */
export function lineSplitter(): LineSplitter {
  let pieces: Uint8Array[] = []
  let heldBytes = 0

  const takeHeld = (last: Uint8Array): Uint8Array => {
    const line = pieces.length === 0 ? last : Buffer.concat([...pieces, last])
    pieces = []
    heldBytes = 0
    return line
  }

  return {
    push(chunk) {
      const lines: Uint8Array[] = []
      let start = 0
      while (start < chunk.length) {
        const longest = start + maxLineBytes - heldBytes
        const feed = chunk.indexOf(0x0a, start)
        if (feed !== -1 && feed <= longest) {
          lines.push(takeHeld(chunk.subarray(start, feed)))
          start = feed + 1
        } else if (chunk.length > longest) {
          lines.push(takeHeld(chunk.subarray(start, longest)))
          start = longest
        } else {
          // A copy: the rest of the chunk need not be held.
          pieces.push(chunk.slice(start))
          heldBytes += chunk.length - start
          break
        }
      }
      return lines
    },
    end: () => (heldBytes === 0 ? null : takeHeld(new Uint8Array(0))),
  }
}
