import { DomainError } from '../errors.ts'

/** A user with this name exists already. */
export class UserExistsError extends DomainError {
  override readonly name = 'UserExistsError'
}

/** No user has this name. */
export class UserNotFoundError extends DomainError {
  override readonly name = 'UserNotFoundError'
}

/** A name or password that cannot be used with Basic authentication, or a user who cannot be removed. */
export class BadUserError extends DomainError {
  override readonly name = 'BadUserError'
}

/** Without this user nobody could administer the site in the browser. */
export class LastAdministratorError extends DomainError {
  override readonly name = 'LastAdministratorError'
  constructor(name: string) {
    super(
      `user ${name} is the only enabled administrator: give another user the role first ("hub user update NAME --role admin")`,
    )
  }
}
