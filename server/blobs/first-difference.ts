import type { Readable } from 'node:stream'
import type { BlobId, BlobStore } from './blob-store.ts'
import { missingBlob } from './checked-stream.ts'

/** A blob and its store. The two blobs of a comparison can be in different stores. */
export type BlobPlace = { blobs: Pick<BlobStore, 'open'>; id: BlobId }

/**
 * Offset of the first byte in which two blobs differ. If one blob is the start of the other, this is the length of
 * the shorter one. Null if they are equal. Reads both up to that byte in constant memory. Throws DamagedBlobError if
 * one is absent.
 */
export async function findFirstDifference(left: BlobPlace, right: BlobPlace): Promise<number | null> {
  if (left.id === right.id) return null
  const streams: Readable[] = []
  try {
    for (const place of [left, right]) streams.push(await openBlob(place))
    const [leftBytes, rightBytes] = streams.map(bytesOf)
    if (!leftBytes || !rightBytes) throw new Error('two blobs are two streams')
    let offset = 0
    for (;;) {
      const [one, other] = [await leftBytes.peek(), await rightBytes.peek()]
      if (!one || !other) return one || other ? offset : null
      const length = Math.min(one.length, other.length)
      // Native comparison first: almost all pieces of two builds of a program are equal.
      if (one.compare(other, 0, length, 0, length) !== 0) return offset + firstDifference(one, other)
      leftBytes.drop(length)
      rightBytes.drop(length)
      offset += length
    }
  } finally {
    for (const stream of streams) stream.destroy()
  }
}

async function openBlob({ blobs, id }: BlobPlace): Promise<Readable> {
  const stream = await blobs.open(id)
  if (!stream) throw missingBlob(id)
  return stream
}

/** The bytes of a stream that were read but not yet compared. */
function bytesOf(stream: Readable) {
  const chunks: AsyncIterator<Buffer> = stream.iterator({ destroyOnReturn: false })
  let rest: Buffer = Buffer.alloc(0)
  return {
    /** At least one byte; null at the end. */
    async peek(): Promise<Buffer | null> {
      while (rest.length === 0) {
        const next = await chunks.next()
        if (next.done) return null
        rest = next.value
      }
      return rest
    },
    drop(length: number): void {
      rest = rest.subarray(length)
    },
  }
}

function firstDifference(left: Buffer, right: Buffer): number {
  let at = 0
  while (left[at] === right[at]) at += 1
  return at
}
