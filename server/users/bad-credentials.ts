import { DomainError } from '../errors.ts'

/** The credentials are missing or wrong. The message is the same for an unknown user and a wrong password. */
export class BadCredentialsError extends DomainError {
  override readonly name = 'BadCredentialsError'
}

/** Too many wrong passwords for this user from this address. */
export class TooManyAttemptsError extends DomainError {
  override readonly name = 'TooManyAttemptsError'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super(`too many wrong passwords: wait ${retryAfterSeconds} seconds, then try again`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}
