import { DomainError } from '../errors.ts'

/** The password is right, and the user has a second factor: a code is missing. */
export class SecondFactorRequiredError extends DomainError {
  override readonly name = 'SecondFactorRequiredError'
  constructor() {
    super('the password is right; send it again with a code of the second factor, or with a recovery code')
  }
}
