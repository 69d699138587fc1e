/** Pieces of the file that may overlap, or lie within each other; the ends are exclusive. */
export type Pieces = {
  count: number
  /** Below 2^32. */
  starts: Uint32Array
  ends: Uint32Array
  /** Of pieces with the same bounds the one of the highest rank has the bytes. */
  ranks: Uint8Array
  /** Pieces that what lies in them belongs to. */
  isScope: Uint8Array
}

/**
 * Share out bytes among pieces, each byte once: of those that cover it, the one that begins last has
 * it, which is the innermost. `own` counts each piece's bytes; `scopes` is the innermost scope that a
 * piece begins in, or -1. Takes time by the number of pieces (n log n), however they lie.
 */
export function sweep(pieces: Pieces): { own: Uint32Array; scopes: Int32Array } {
  const { count, starts, ends, isScope } = pieces
  const own = new Uint32Array(count)
  const scopes = new Int32Array(count).fill(-1)
  const open = new Int32Array(count)
  let depth = 0
  let position = 0
  const closeUntil = (limit: number) => {
    while (depth > 0) {
      const top = open[depth - 1] as number
      const end = Math.min(ends[top] as number, limit)
      if (end > position) {
        own[top] = (own[top] as number) + end - position
        position = end
      }
      if ((ends[top] as number) > limit) return
      depth--
    }
  }
  for (const piece of inOrder(pieces)) {
    const start = starts[piece] as number
    closeUntil(start)
    position = Math.max(position, start)
    if (depth > 0) {
      const outer = open[depth - 1] as number
      scopes[piece] = isScope[outer] === 1 ? outer : (scopes[outer] as number)
    }
    open[depth++] = piece
  }
  closeUntil(2 ** 32)
  return { own, scopes }
}

/** By start; of those with the same start the longer first, scopes before what is in them, and the lower rank. */
function inOrder({ count, starts, ends, ranks, isScope }: Pieces): Uint32Array {
  // Sorted as one number each, without a function that compares: the start above, the piece below.
  const keys = new BigUint64Array(count)
  const halves = new Uint32Array(keys.buffer)
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
  const [low, high] = isLittleEndian ? [0, 1] : [1, 0]
  for (let piece = 0; piece < count; piece++) {
    halves[2 * piece + low] = piece
    halves[2 * piece + high] = starts[piece] as number
  }
  keys.sort()
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = halves[2 * i + low] as number

  const compare = (a: number, b: number) =>
    (ends[b] as number) - (ends[a] as number) ||
    (isScope[b] as number) - (isScope[a] as number) ||
    (ranks[a] as number) - (ranks[b] as number) ||
    b - a
  for (let from = 0; from < count;) {
    const start = starts[order[from] as number]
    let to = from + 1
    while (to < count && starts[order[to] as number] === start) to++
    if (to - from > 1) order.subarray(from, to).sort(compare)
    from = to
  }
  return order
}
