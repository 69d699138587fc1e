import type { Readable } from 'node:stream'
import { BusyError } from '../errors.ts'

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

/** A committed blob was deleted before a row referred to it, and this store cannot put it back. */
export class VanishedBlobError extends BusyError {
  override readonly name = 'VanishedBlobError'
  constructor(id: BlobId) {
    super(`blob ${id} was deleted while an upload relied on it: send the upload again`)
  }
}

/** Bytes from `start` up to `end`, exclusive. */
export type ByteRange = { start: number; end: number }

/** A blob in a store. `writtenAt` is the time when its bytes were written, by the clock of the store. */
export type ListedBlob = { id: BlobId; sizeBytes: number; writtenAt: Date }

/**
 * What lies in a store and is not a blob. `name` is its path, or key, within the store. Folders have 0 bytes. `state`
 * changes whenever it is written or replaced.
 */
export type StrayFile = { id: null; name: string; sizeBytes: number; writtenAt: Date; state: string }

/** What `setAside` did. MOVED: `to` is where it is now. ABSENT: it does not exist. CHANGED: it has another state. */
export type SetAside = { outcome: 'MOVED'; to: string } | { outcome: 'ABSENT' | 'CHANGED' }

/** Immutable bytes under the hash of their content. Equal content is stored once. */
export interface BlobStore {
  /**
   * Stores a stream of any length in constant memory. Chunks must not change after they were passed.
   * Throws StorageFullError, or the error of the stream. After an error nothing is left.
   */
  stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged>
  /**
   * Makes staged bytes durable and visible. Replaces damaged content. The staged bytes stay for `restore`, until they
   * are discarded. Throws StorageFullError; some of the bytes may be visible then (`createdBy`), and all are discarded.
   */
  commit(staged: readonly Staged[]): Promise<void>
  /**
   * Makes committed bytes visible again if they were deleted since. Call it in the transaction that writes the rows
   * that refer to them: whoever deletes blobs does so in a transaction, too (`deleteUnreferenced`), and all
   * transactions that write run one after the other. Returns what it has made visible again. Throws VanishedBlobError,
   * StorageFullError.
   */
  restore(staged: readonly Staged[]): Promise<BlobId[]>
  /** Blobs that a commit, or `restore`, of these staged bytes has created: they did not exist before. */
  createdBy(staged: readonly Staged[]): BlobId[]
  /** Delete staged bytes; blobs stay. Call it in the end, whether the bytes were committed or not. Twice is a no-op. */
  discard(staged: readonly Staged[]): Promise<void>
  /**
   * `null` when absent. Throws RangeError when the range exceeds the content, and on any other failure. The
   * stream of all bytes fails before its end when the content is damaged; a part is not checked.
   */
  open(id: BlobId, range?: ByteRange): Promise<Readable | null>
  /** Length of the content; `null` when absent. */
  sizeBytes(id: BlobId): Promise<number | null>
  /**
   * A text that changes whenever the bytes of the blob are written or replaced, but not when a disk damages them; `null`
   * when absent. Whoever has read a blob learns from it whether it is still the one that was read.
   */
  stateOf(id: BlobId): Promise<string | null>
  /**
   * Everything in the store, in no particular order, in constant memory: the blobs, and what else lies there. What is
   * added or deleted meanwhile may be missing or not. Staged bytes are not listed. With `digits`, two hexadecimal
   * digits: only the blobs whose id begins with them.
   */
  list(digits?: string): AsyncIterable<ListedBlob | StrayFile>
  /** Deletes blobs, whoever needs them: see `collectBlobs`. Absent blobs are ignored. */
  delete(ids: readonly BlobId[]): Promise<void>
  /** The files of these blobs are read anew by the next upload of their content, whatever was found before. */
  forget?(ids: readonly BlobId[]): void
  /**
   * Moves a blob, or what else lies in the store, out of it, so that it is kept for the operator and nobody gets it. `name`
   * is the id of a blob, or the name of a StrayFile. It is moved only while it has this state (`stateOf`, or that of the
   * StrayFile): what replaces it meanwhile stays.
   */
  setAside?(name: string, state: string): Promise<SetAside>
  /**
   * Path of the file with the content, for other processes. The file may not exist, and nobody has checked it. Only
   * some stores have files: use `LocalCopies.withFile`, which works with every store.
   */
  fileOf?(id: BlobId): string
  /**
   * An address at which everybody gets the content for some minutes, saved under this name. It may be absent there. Only for
   * stores that clients can reach.
   */
  presign?(id: BlobId, fileName: string): Promise<string>
  /** Rejects unless the store can be used. Only for stores on other machines. */
  ping?(): Promise<void>
}
