import type { Readable } from 'node:stream'

/** SHA-256 of the content: 64 lower-case hex digits. The brand keeps other strings out. */
export type BlobId = string & { readonly brand: 'BlobId' }

/** Throws when `hex` is not 64 lower-case hex digits. */
export function toBlobId(hex: string): BlobId {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`not a blob id: ${hex}`)
  return hex as BlobId
}

/** Bytes that are stored but not yet visible. Only the very object that `stage` gave stands for them. */
export type Staged = { readonly id: BlobId; readonly sizeBytes: number }

/** Bytes from `start` up to `end`, exclusive. */
export type ByteRange = { start: number; end: number }

/** Immutable bytes under the hash of their content. Content that is there already is stored once. */
export interface BlobStore {
  /**
   * Consume a stream of any length in constant memory. Chunks must not change after they were given.
   * Throws StorageFullError, or what the stream throws; then nothing is left behind.
   */
  stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged>
  /**
   * Make staged bytes durable and visible, all of them or none. Throws StorageFullError; a commit
   * that fails has discarded what it was given. Each commit is followed by `keep` or `withdraw`.
   */
  commit(staged: readonly Staged[]): Promise<void>
  /** What was committed is referred to now, or may be: it stays. */
  keep(staged: readonly Staged[]): Promise<void>
  /**
   * What was committed is not referred to: remove what was not there before, unless another upload
   * keeps it. No upload that finds it there loses it. What is not committed is left alone.
   */
  withdraw(staged: readonly Staged[]): Promise<void>
  /** Forget staged bytes; those that were committed or discarded already are left alone. */
  discard(staged: readonly Staged[]): Promise<void>
  /** `null` when absent. Throws RangeError when the range exceeds the content, and on any other failure. */
  open(id: BlobId, range?: ByteRange): Promise<Readable | null>
  /** Length of the content; `null` when absent. */
  sizeBytes(id: BlobId): Promise<number | null>
  /** The file with the content, if it is there, for another process to read; `null`: this store has no files. */
  fileOf(id: BlobId): string | null
}
