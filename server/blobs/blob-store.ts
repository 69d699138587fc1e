import type { Readable } from 'node:stream'

/** SHA-256 of the content: 64 lower-case hex digits. The brand keeps other strings out. */
export type BlobId = string & { readonly brand: 'BlobId' }

/** Throws when `hex` is not 64 lower-case hex digits. */
export function toBlobId(hex: string): BlobId {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`not a blob id: ${hex}`)
  return hex as BlobId
}

/**
 * Bytes that are stored but not yet visible. Only the object that `stage` returned identifies them; a copy does not.
 */
export type Staged = { readonly id: BlobId; readonly sizeBytes: number }

/** Bytes from `start` up to `end`, exclusive. */
export type ByteRange = { start: number; end: number }

/** A blob in a store. `writtenAt` is the time when its bytes were written, by the clock of the store. */
export type ListedBlob = { id: BlobId; sizeBytes: number; writtenAt: Date }

/** What lies in a store and is not a blob. `name` is its path, or key, within the store. Folders have 0 bytes. */
export type StrayFile = { id: null; name: string; sizeBytes: number; writtenAt: Date }

/** Immutable bytes under the hash of their content. Equal content is stored once. */
export interface BlobStore {
  /**
   * Stores a stream of any length in constant memory. Chunks must not change after they were passed.
   * Throws StorageFullError, or the error of the stream. After an error nothing is left.
   */
  stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged>
  /**
   * Makes staged bytes durable and visible, all of them or none. Replaces damaged content. Throws StorageFullError. A
   * failed commit has discarded the staged bytes. After each successful commit call `keep` or `withdraw`.
   */
  commit(staged: readonly Staged[]): Promise<void>
  /** Keep committed bytes, because rows refer to them or may refer to them. */
  keep(staged: readonly Staged[]): Promise<void>
  /**
   * Deletes committed bytes to which no row refers, if they did not exist before and no other upload keeps them. An
   * upload that found them in the store does not lose them. Bytes that are not committed are ignored.
   */
  withdraw(staged: readonly Staged[]): Promise<void>
  /** Delete staged bytes. Those that were committed or discarded already are ignored. */
  discard(staged: readonly Staged[]): Promise<void>
  /**
   * `null` when absent. Throws RangeError when the range exceeds the content, and on any other failure. The
   * stream of all bytes fails before its end when the content is damaged; a part is not checked.
   */
  open(id: BlobId, range?: ByteRange): Promise<Readable | null>
  /** Length of the content; `null` when absent. */
  sizeBytes(id: BlobId): Promise<number | null>
  /**
   * Everything in the store, in no particular order, in constant memory: the blobs, and what else lies there. What is
   * added or deleted meanwhile may be missing or not. Staged bytes are not listed.
   */
  list(): AsyncIterable<ListedBlob | StrayFile>
  /** Deletes blobs, whoever needs them: see `collectBlobs`. Absent blobs are ignored. */
  delete(ids: readonly BlobId[]): Promise<void>
  /**
   * Path of the file with the content, for other processes. The file may not exist, and nobody has checked it. Only
   * some stores have files: use `LocalCopies.withFile`, which works with every store.
   */
  fileOf?(id: BlobId): string
}
