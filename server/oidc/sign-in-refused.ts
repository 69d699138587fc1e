import { DomainError } from '../errors.ts'

/** Why nobody has signed in at another site. The page for signing in has a sentence for each. */
export const signInProblems = [
  /** It was not begun in this browser, too long ago, or begun once more in another window. */
  'expired',
  /** The other site says that the person may not, or has given up. */
  'denied',
  'unreachable',
  /** What the other site says cannot be used. */
  'failed',
  /** The other site does not say when the person has signed in there, or that was too long ago. */
  'not-fresh',
  /** It says no name that a user can have. */
  'no-name',
  'name-taken',
  /** Only an administrator adds users here. */
  'no-account',
  /** No group of the person has a role here. */
  'no-role',
  'disabled',
  'too-many',
] as const
export type SignInProblem = (typeof signInProblems)[number]

/** Nobody has signed in. `message`: for the log. `user`: whose sign-in it was, as far as that is known. */
export class SignInRefusedError extends DomainError {
  override readonly name = 'SignInRefusedError'
  readonly problem: SignInProblem
  readonly user: string | null
  constructor(problem: SignInProblem, message: string, user: string | null = null) {
    super(message)
    this.problem = problem
    this.user = user
  }
}
