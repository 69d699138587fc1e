import { DomainError } from '../errors.ts'

/** What `hub` exits with. */
export const exitStatus = { done: 0, failed: 1, badUsage: 2, foundProblems: 3 } as const

/** A command that looks for problems has found some, and has printed them. `hub` exits with 3. */
export class FoundProblemsError extends DomainError {
  override readonly name = 'FoundProblemsError'
}

/** What a command was to wait for has ended without success. `hub` exits with the status. */
export class EndedError extends DomainError {
  override readonly name = 'EndedError'
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}
