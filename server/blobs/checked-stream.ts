import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import type { BlobId } from './blob-store.ts'
import { errorCode } from './storage-full.ts'

/**
 * What can be wrong with stored content. MISSING: its file is gone. SIZE: its length is not the one that a row gives.
 * HASH: it has another SHA-256. UNREADABLE: the disk cannot read it.
 */
export const blobProblems = ['MISSING', 'SIZE', 'HASH', 'UNREADABLE'] as const
export type BlobProblem = (typeof blobProblems)[number]

/**
 * A stored file does not have the content that its name, a SHA-256, stands for. Only the disk, or a person, does that.
 * `found` says what is wrong, e.g. `its file is missing`.
 */
export class DamagedBlobError extends Error {
  override readonly name = 'DamagedBlobError'
  readonly id: BlobId
  readonly problem: BlobProblem
  readonly found: string
  constructor(id: BlobId, problem: BlobProblem, found: string, options?: ErrorOptions) {
    super(
      `blob ${id} is damaged: ${found}. Restore its file from a backup, or upload a build with this content again`,
      options,
    )
    this.id = id
    this.problem = problem
    this.found = found
  }
}

/** For a file that rows name, and that is gone. */
export function missingBlob(id: BlobId): DamagedBlobError {
  return new DamagedBlobError(id, 'MISSING', 'its file is missing')
}

/** What `reading` gives; null if the content is damaged. For content that can be made again, or that is optional. */
export async function unlessDamaged<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof DamagedBlobError) return null
    throw error
  }
}

/** The error, or DamagedBlobError in its place if the disk cannot read the file. */
export function asDamage(id: BlobId, error: Error): Error {
  return errorCode(error) === 'EIO'
    ? new DamagedBlobError(id, 'UNREADABLE', 'the disk cannot read its file', { cause: error })
    : error
}

/**
 * The bytes of `source`, hashed on their way. The last chunk is held back until the hash is known: a damaged
 * blob ends with DamagedBlobError before a reader has all of it. `onIntact` hears that the content is right.
 */
export function checkedStream(id: BlobId, source: Readable, onIntact: () => void): Readable {
  const hash = createHash('sha256')
  let held: Buffer | null = null
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash.update(chunk)
      const ready = held
      held = chunk
      if (ready) done(null, ready)
      else done()
    },
    flush(done: TransformCallback) {
      const sha256 = hash.digest('hex')
      if (sha256 !== id) return done(new DamagedBlobError(id, 'HASH', `its bytes have the SHA-256 ${sha256}`))
      onIntact()
      if (held) done(null, held)
      else done()
    },
    destroy(error, done) {
      done(error && asDamage(id, error))
    },
  })
  // The error is the reader's, who gets it from `checked`.
  pipeline(source, checked, () => {})
  return checked
}
