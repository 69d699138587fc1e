import { DomainError } from '../errors.ts'

/** A choice that cannot be stored. */
export class BadSubscriptionError extends DomainError {
  override readonly name = 'BadSubscriptionError'
}

/** The user has no such subscription. */
export class SubscriptionNotFoundError extends DomainError {
  override readonly name = 'SubscriptionNotFoundError'
  constructor() {
    super('you have no such subscription: it was ended, perhaps in another window')
  }
}

/** An address that cannot be used, or that is not confirmed, or a confirmation that does not count. */
export class BadAddressError extends DomainError {
  override readonly name = 'BadAddressError'
}

/** No mail server is configured, or the user has asked for too many mails. */
export class MailUnavailableError extends DomainError {
  override readonly name = 'MailUnavailableError'
}
