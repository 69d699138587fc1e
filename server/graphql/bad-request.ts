import { GraphQLError } from 'graphql'

/** A request that is refused before its operation is known, with the status of HTTP. Not masked. */
export function refused(status: number, message: string, headers: Record<string, string> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } })
}
