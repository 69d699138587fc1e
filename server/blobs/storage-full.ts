import { StorageFullError } from '../errors.ts'

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The `code` of a system error, e.g. `ENOENT`; undefined when `error` is none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** StorageFullError for a failure that means "no room" (disk, quota, file size limit); else the error itself. */
export function asStorageError(error: unknown): unknown {
  return noRoom.has(errorCode(error) ?? '') ? new StorageFullError() : error
}
