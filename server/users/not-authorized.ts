import { DomainError } from '../errors.ts'

export type NotAuthorizedCode = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMIT'

/** This user may not do this, or, as `code` says, the credentials are wrong. */
export class NotAuthorizedError extends DomainError {
  override readonly name = 'NotAuthorizedError'
  readonly code: NotAuthorizedCode
  readonly retryAfterSeconds: number | null
  constructor(
    message: string,
    code: NotAuthorizedCode = 'FORBIDDEN',
    retryAfterSeconds: number | null = null,
  ) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}
