import { Readable } from 'node:stream'
import type { ByteRange } from '../blob-store.ts'
import { asStoreError, isTransient, TransferError } from './s3-errors.ts'

/** So often in a row an answer may break off without a byte. */
const maxFailures = 3

/**
 * The bytes of a range. When `first`, which gives them, breaks off or ends early, `reopen` is asked for the rest. Fails with
 * ObjectStoreError.
 */
export function resumingBody(
  first: Readable,
  range: ByteRange,
  reopen: (rest: ByteRange) => Promise<Readable>,
): Readable {
  return Readable.from(bytesOf(first, range, reopen), { objectMode: false })
}

async function* bytesOf(
  first: Readable,
  { start, end }: ByteRange,
  reopen: (rest: ByteRange) => Promise<Readable>,
): AsyncGenerator<Buffer, void, void> {
  let at = start
  let body: Readable | null = first
  let failures = 0
  for (;;) {
    try {
      body ??= await reopen({ start: at, end })
      for await (const chunk of body as AsyncIterable<Buffer>) {
        failures = 0
        at += chunk.length
        if (at > end) throw new Error(`the store gave more than ${end - start} bytes`)
        yield chunk
      }
      if (at === end) return
      throw new TransferError(`the store gave ${at - start} of ${end - start} bytes`)
    } catch (error) {
      failures += 1
      if (!isTransient(error) || failures > maxFailures) throw asStoreError(error)
    } finally {
      body?.destroy()
    }
    body = null
  }
}
