import { DomainError } from '../errors.ts'

/** The site refuses, or cannot be reached. */
export class ObserveError extends DomainError {
  override readonly name = 'ObserveError'
}
