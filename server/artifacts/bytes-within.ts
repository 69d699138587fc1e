import type { ByteRange } from '../blobs/blob-store.ts'

/** The bytes of `range` within `chunks`. Chunks before the range are generated and skipped. */
export async function* bytesWithin(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0
  for await (const chunk of chunks) {
    const piece = chunk.subarray(Math.max(start - at, 0), Math.max(end - at, 0))
    if (piece.length > 0) yield piece
    at += chunk.length
    if (at >= end) return
  }
}
