import { BusyError, DomainError, StorageFullError } from '../errors.ts'
import type { Metrics, UploadOutcome } from './metrics.ts'

/** Counts the bytes that uploads read. */
export async function* countBytes(
  { uploadBytes }: Pick<Metrics, 'uploadBytes'>,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    uploadBytes.inc(chunk.length)
    yield chunk
  }
}

/** What an upload tells when its record is read, and when it has ended; `error` is why nothing was stored. */
export type ObservedUpload = { read: () => void; ended: (error?: unknown) => void }

/** Counts an upload, which begins now. */
export function observeUpload(metrics: Metrics): ObservedUpload {
  const startedAt = performance.now()
  let readAt = startedAt
  metrics.uploadsInProgress.inc()
  return {
    read: () => void (readAt = performance.now()),
    ended(error) {
      metrics.uploadsInProgress.dec()
      metrics.uploads.inc({ outcome: error === undefined ? 'stored' : outcomeOf(error) })
      if (error !== undefined) return
      metrics.uploadDuration.observe({ phase: 'receive' }, (readAt - startedAt) / 1_000)
      metrics.uploadDuration.observe({ phase: 'commit' }, (performance.now() - readAt) / 1_000)
    },
  }
}

/** Errors of the connection have a code of the system or of Node.js. */
function outcomeOf(error: unknown): UploadOutcome {
  if (error instanceof BusyError || error instanceof StorageFullError) return 'failed'
  if (error instanceof DomainError) return 'refused'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR', 'EPIPE'].includes(code)
    ? 'broken_off'
    : 'failed'
}
