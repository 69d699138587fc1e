import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import type { BlobId } from './blob-store.ts'

/**
 * A stored file does not have the content that its name, a SHA-256, stands for. Only the disk, or a person, does that.
 */
export class DamagedBlobError extends Error {
  override readonly name = 'DamagedBlobError'
  constructor(id: string, found: string) {
    super(
      `blob ${id} is damaged: ${found}. Restore its file from a backup, or upload a build with this content again`,
    )
  }
}

/** For a file that rows name, and that is gone. */
export function missingBlob(id: BlobId): DamagedBlobError {
  return new DamagedBlobError(id, 'its file is missing')
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
      if (sha256 !== id) return done(new DamagedBlobError(id, `its bytes have the SHA-256 ${sha256}`))
      onIntact()
      if (held) done(null, held)
      else done()
    },
  })
  // The error is the reader's, who gets it from `checked`.
  pipeline(source, checked, () => {})
  return checked
}
