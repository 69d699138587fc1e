import { Observable } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { ErrorLink } from '@apollo/client/link/error'

/**
 * Calls `onEnded` when a private site refuses to tell nobody something: the session of the page has ended. The page then waits for the
 * one that takes its place. Pages for administrators say by themselves that they need one.
 */
export const endedSessionLink = (onEnded: () => void): ErrorLink =>
  new ErrorLink(({ error }) => {
    if (!isOfNobody(error)) return
    onEnded()
    return new Observable(() => {})
  })

const isOfNobody = (error: unknown): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(
    ({ extensions, path }) => extensions?.['code'] === 'UNAUTHENTICATED' && path?.[0] !== 'admin',
  )
