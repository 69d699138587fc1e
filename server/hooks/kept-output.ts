/** The output of a program, shortened to its first and its last part. */
export type KeptOutput = {
  /** How many bytes the program printed. */
  printedBytes: number
  /** What is kept of them; between its parts a line says how much is missing. */
  text: Buffer
}

/** Keeps the first and the last half of `maxBytes` of what is added, in constant memory. */
export function keptOutput(maxBytes: number) {
  const partBytes = Math.floor(maxBytes / 2)
  const first: Buffer[] = []
  let firstBytes = 0
  let last: Buffer[] = []
  let lastBytes = 0
  let printedBytes = 0

  /** Leaves the last part alone. */
  function trim(): void {
    const all = Buffer.concat(last)
    last = [all.subarray(Math.max(0, all.length - partBytes))]
    lastBytes = last[0]?.length ?? 0
  }

  return {
    add(chunk: Buffer): void {
      printedBytes += chunk.length
      const taken = chunk.subarray(0, partBytes - firstBytes)
      if (taken.length > 0) {
        first.push(Buffer.from(taken))
        firstBytes += taken.length
      }
      const rest = chunk.subarray(taken.length)
      if (rest.length === 0) return
      last.push(Buffer.from(rest))
      lastBytes += rest.length
      if (lastBytes > 2 * partBytes) trim()
    },
    end(): KeptOutput {
      trim()
      const missing = printedBytes - firstBytes - lastBytes
      const note = missing > 0 ? [Buffer.from(`\n[… ${missing} bytes are left out …]\n`)] : []
      return { printedBytes, text: Buffer.concat([...first, ...note, ...last]) }
    },
  }
}
