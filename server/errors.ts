/**
 * A refusal that the caller can act on: it becomes a member of the mutation's
 * result union. Any other thrown value is a bug, and Yoga masks it.
 */
export abstract class DomainError extends Error {}

/** The server cannot do this now, and may be able to soon: answered with 503 and Retry-After. */
export abstract class BusyError extends DomainError {
  readonly retryAfterSeconds = 10
}

/** Input that breaks its format's rules. `offset` counts bytes from the start of the input. */
export class MalformedError extends DomainError {
  override readonly name = 'MalformedError'
  readonly format: string
  readonly offset: number
  readonly reason: string
  constructor(format: string, offset: number, reason: string) {
    super(`malformed ${format} at byte ${offset}: ${reason}`)
    this.format = format
    this.offset = offset
    this.reason = reason
  }
}

/** Input of an analysis that has no result. The message says why, to users. */
export class NotAnalysableError extends DomainError {
  override readonly name = 'NotAnalysableError'
}

/** Input that may be well formed but exceeds a limit of the configuration. */
export class RecordTooLargeError extends DomainError {
  override readonly name = 'RecordTooLargeError'
}

/** The disk, or its quota, is full. Nothing of the request was stored. */
export class StorageFullError extends DomainError {
  override readonly name = 'StorageFullError'
  constructor() {
    super('no room left to store this; nothing was kept: free space on the server, then send it again')
  }
}
