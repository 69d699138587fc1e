import { DomainError } from '../errors.ts'

/** What `hub` exits with. */
export const exitStatus = { done: 0, failed: 1, badUsage: 2, foundProblems: 3 } as const

/** A command that looks for problems has found some, and has printed them. `hub` exits with 3. */
export class FoundProblemsError extends DomainError {
  override readonly name = 'FoundProblemsError'
}
