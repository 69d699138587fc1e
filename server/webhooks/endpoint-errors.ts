import { DomainError } from '../errors.ts'

/** What is asked for is no endpoint. */
export class BadWebhookError extends DomainError {
  override readonly name = 'BadWebhookError'
}

/** There is no such endpoint. */
export class WebhookNotFoundError extends DomainError {
  override readonly name = 'WebhookNotFoundError'
}

/** There is no such delivery. */
export class DeliveryNotFoundError extends DomainError {
  override readonly name = 'DeliveryNotFoundError'
}
