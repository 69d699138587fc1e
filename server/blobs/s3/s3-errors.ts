import { BusyError, StorageFullError } from '../../errors.ts'
import { asStorageError, errorCode } from '../storage-full.ts'

/** The object store does not answer, or refuses what it is asked for. The content may be there again soon. */
export class ObjectStoreError extends BusyError {
  override readonly name = 'ObjectStoreError'
}

const networkCodes = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ECONNABORTED ERR_STREAM_PREMATURE_CLOSE'.split(
    ' ',
  ),
)
const transientNames = new Set([
  ...['TimeoutError', 'RequestTimeout', 'SlowDown', 'InternalError', 'ServiceUnavailable', 'Throttling'],
  ...['TooManyRequests', 'BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'OperationAborted'],
  ...['ConditionalRequestConflict'],
])
const fullNames = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'QuotaExceededError'])

/** What went wrong on its way: bytes that arrived are others, or fewer. Another try may go well. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
}

/** The HTTP status of an answer that is an error; undefined: there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}

/** Whether the same request may go well soon. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof TransferError || transientNames.has(error.name)) return true
  const status = statusOf(error)
  // An answer that is no XML has the status alone.
  if (status !== undefined) return (status >= 500 && status !== 501 && status !== 507) || status === 429
  return networkCodes.has(errorCode(error) ?? '') || error.message === 'aborted'
}

const advice: Record<string, string> = {
  NoSuchBucket: 'create the bucket, or check its name',
  AccessDenied: 'the key may not do that: give it the rights of docs/object-storage.md',
  Forbidden: 'the key may not do that: give it the rights of docs/object-storage.md',
  InvalidAccessKeyId: 'check the access key',
  SignatureDoesNotMatch: 'check the secret key, and the region of the address',
  RequestTimeTooSkewed: 'set the clock of this machine',
  CredentialsProviderError:
    'give keys by --s3-credentials-file, or by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
}

/** The error as callers of a store see it. What is no fault of the store stays as it is. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof BusyError) return error
  const status = statusOf(error)
  if (status === 507 || fullNames.has(error.name)) return new StorageFullError()
  const isStores = status !== undefined || isTransient(error) || error.name in advice
  if (!isStores) return asStorageError(error)
  const what = advice[error.name]
  const said = [error.name === 'Error' ? errorCode(error) : error.name, status].filter(Boolean).join(', ')
  return new ObjectStoreError(
    isTransient(error)
      ? `the object store cannot be used now (${said})`
      : `the object store refuses this (${said})${what === undefined ? '' : `: ${what}`}`,
    { cause: error },
  )
}
