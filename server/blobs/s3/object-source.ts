import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { TransferError } from './s3-errors.ts'

/** Content that is put: a part of a file, or bytes. `sha256`: 64 hexadecimal digits. */
export type ObjectSource = { sizeBytes: number; sha256: string } & ({ file: string } | { bytes: Uint8Array })

export type PutOptions = {
  /** Put nothing where there is an object already. Only with a store that has conditional writes. */
  isNewOnly?: boolean
  /** Whether the store's ETags are the MD5 of the content: what has arrived is compared then. */
  areTagsMd5?: boolean
  /** Greater objects are put in parts. Default: 5 GB, which is the limit of Amazon's store. */
  maxPutBytes?: number
  /** Default: 64 MiB, more where that would be more than 10,000 parts. */
  partBytes?: number
  /** While the store is busy. Default: 5. */
  tries?: number
}

export type ObjectName = { Bucket: string; Key: string }

/** Throws TransferError when an answer to a PUT does not fit what was sent. An error with the status 200 has no tag. */
export function checkTag(etag: string | undefined, md5: string, { areTagsMd5 = false }: PutOptions): void {
  const tag = etag?.replaceAll('"', '')
  if (tag === undefined) throw new TransferError('the store did not confirm what was put')
  if (areTagsMd5 && tag !== md5) throw new TransferError('the store has other bytes than were put')
}

/** A body that is read once, and the MD5 of what was read. */
export function hashedBody(
  source: ObjectSource,
  { start, end } = { start: 0, end: source.sizeBytes },
): { body: Readable; md5: () => string } {
  const hash = createHash('md5')
  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    if (start === end) return
    if ('bytes' in source) {
      hash.update(source.bytes)
      yield source.bytes
      return
    }
    const stream = createReadStream(source.file, { start, end: end - 1, highWaterMark: 256 * 1024 })
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
  }
  return { body: Readable.from(read(), { objectMode: false }), md5: () => hash.digest('hex') }
}
