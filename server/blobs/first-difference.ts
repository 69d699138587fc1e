import type { Readable } from 'node:stream'
import type { BlobId, BlobStore } from './blob-store.ts'

/**
 * The offset of the first byte in which two blobs differ, which is the shorter one's length when it
 * is the start of the other; null when they are equal. Reads both in constant memory, until then.
 * Throws when one is absent.
 */
export async function findFirstDifference(blobs: BlobStore, left: BlobId, right: BlobId): Promise<number | null> {
  if (left === right) return null
  const streams = [await openBlob(blobs, left), await openBlob(blobs, right)] as const
  const [leftChunks, rightChunks] = streams.map((stream) => new ByteQueue(stream)) as [ByteQueue, ByteQueue]
  try {
    let offset = 0
    for (;;) {
      const [one, other] = [await leftChunks.peek(), await rightChunks.peek()]
      if (!one || !other) return one || other ? offset : null
      const length = Math.min(one.length, other.length)
      const [a, b] = [one.subarray(0, length), other.subarray(0, length)]
      // Native comparison first: almost all pieces of reproduced binaries are equal.
      if (!a.equals(b)) return offset + a.findIndex((byte, index) => byte !== b[index])
      leftChunks.drop(length)
      rightChunks.drop(length)
      offset += length
    }
  } finally {
    for (const stream of streams) stream.destroy()
  }
}

async function openBlob(blobs: BlobStore, id: BlobId): Promise<Readable> {
  const stream = await blobs.open(id)
  if (!stream) throw new Error(`blob ${id} is missing`)
  return stream
}

/** The bytes of a stream that were read but not yet compared. */
class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** At least one byte; null at the end. */
  async peek(): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done) return null
      this.#rest = next.value
    }
    return this.#rest
  }

  drop(length: number): void {
    this.#rest = this.#rest.subarray(length)
  }
}
