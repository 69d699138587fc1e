import { DomainError } from '../errors.ts'

/** The credentials are missing or wrong. The message is the same for an unknown user and a wrong password. */
export class BadCredentialsError extends DomainError {
  override readonly name = 'BadCredentialsError'
}

/** Too many wrong passwords for this user from this address, or too many of something else. */
export class TooManyAttemptsError extends DomainError {
  override readonly name = 'TooManyAttemptsError'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number, what = 'wrong passwords') {
    super(`too many ${what}: wait ${retryAfterSeconds} seconds, then try again`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}
