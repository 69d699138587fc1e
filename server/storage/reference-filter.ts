import { randomInt } from 'node:crypto'
import type { BlobId } from '../blobs/blob-store.ts'

/** A set of blobs that may take some blobs for members that are none, but never the other way round. */
export type ReferenceFilter = { add: (id: BlobId) => void; mayHave: (id: BlobId) => boolean }

/** 16 bits for each member give some 0.25 % of wrong members. */
const bitsPerMember = 16
const minBits = 2 ** 20
/** 512 MiB; 256 million members with 0.25 % of wrong ones, and more with more of them. */
const maxBits = 2 ** 32

/**
 * A Bloom filter. Ten million members take 20 MB, where a set would take a gigabyte. Two filters mistake different
 * blobs for members.
 */
export function referenceFilter(expectedMembers: number): ReferenceFilter {
  const bits = Math.min(maxBits, Math.max(minBits, expectedMembers * bitsPerMember))
  const bytes = new Uint8Array(Math.ceil(bits / 8))
  // A hash is random already; the factors make each filter's mistakes its own.
  const factors = [0, 1, 2, 3].map(() => randomInt(2 ** 31) * 2 + 1)

  const positionsOf = (id: BlobId) =>
    factors.map((factor, index) => {
      const word = Number.parseInt(id.slice(index * 8, index * 8 + 8), 16)
      return (Math.imul(word, factor) >>> 0) % bits
    })
  const byteOf = (position: number) => Math.floor(position / 8)
  const maskOf = (position: number) => 1 << (position % 8)

  return {
    add(id) {
      for (const position of positionsOf(id)) {
        const byte = byteOf(position)
        bytes[byte] = (bytes[byte] ?? 0) | maskOf(position)
      }
    },
    mayHave: (id) =>
      positionsOf(id).every((position) => ((bytes[byteOf(position)] ?? 0) & maskOf(position)) !== 0),
  }
}
