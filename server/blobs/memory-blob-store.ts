import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { checkedStream } from './checked-stream.ts'
import { toBlobId, type BlobId, type BlobStore, type Staged } from './blob-store.ts'

const pieceBytes = 256 * 1024

/**
 * A blob store that forgets everything when the process ends: for tests. Like a remote store, it has no files. Tests can
 * give it their own `blobs`, and damage them.
 */
export function memoryBlobStore(blobs = new Map<BlobId, Uint8Array>()): BlobStore {
  const writtenAt = new Map<BlobId, Date>()
  const stagedBytes = new WeakMap<Staged, Uint8Array>()
  const creators = new WeakSet<Staged>()
  /** One for each array: content that is replaced has another one. */
  const numbers = new WeakMap<Uint8Array, number>()
  let lastNumber = 0

  function put(staged: readonly Staged[]): void {
    const all = staged.map((one) => {
      const bytes = stagedBytes.get(one)
      if (!bytes) throw new Error(`blob ${one.id} is not staged`)
      return { one, bytes }
    })
    for (const { one, bytes } of all) {
      if (!blobs.has(one.id)) {
        creators.add(one)
        writtenAt.set(one.id, new Date())
      }
      blobs.set(one.id, bytes)
    }
  }

  return {
    async stage(chunks) {
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk)
      const bytes = Buffer.concat(parts)
      const id = toBlobId(createHash('sha256').update(bytes).digest('hex'))
      const staged = { id, sizeBytes: bytes.length }
      stagedBytes.set(staged, bytes)
      return staged
    },

    async commit(staged) {
      put(staged)
    },

    async restore(staged) {
      const vanished = staged.filter(({ id }) => !blobs.has(id))
      put(vanished)
      return vanished.map(({ id }) => id)
    },

    createdBy: (staged) => [...new Set(staged.filter((one) => creators.has(one)).map(({ id }) => id))],

    async discard(staged) {
      for (const one of staged) stagedBytes.delete(one)
    },

    async open(id, range) {
      const bytes = blobs.get(id)
      if (!bytes) return null
      const { start, end } = range ?? { start: 0, end: bytes.length }
      if (start < 0 || start > end || end > bytes.length) {
        throw new RangeError(`bytes ${start} to ${end} of blob ${id}, which has ${bytes.length}`)
      }
      const stream = Readable.from(start === end ? [] : piecesOf(bytes.subarray(start, end)), {
        objectMode: false,
      })
      return end - start < bytes.length ? stream : checkedStream(id, stream, () => {})
    },

    async sizeBytes(id) {
      return blobs.get(id)?.length ?? null
    },

    async stateOf(id) {
      const bytes = blobs.get(id)
      if (!bytes) return null
      const number = numbers.get(bytes) ?? ++lastNumber
      numbers.set(bytes, number)
      return String(number)
    },

    async *list(digits = '') {
      for (const [id, { length: sizeBytes }] of blobs)
        if (id.startsWith(digits)) yield { id, sizeBytes, writtenAt: writtenAt.get(id) ?? new Date(0) }
    },

    async delete(ids) {
      for (const id of ids) blobs.delete(id)
    },
  }
}

/** Several chunks, as from a disk. */
function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes)
    yield bytes.subarray(start, start + pieceBytes)
}
