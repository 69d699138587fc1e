import { GraphQLError } from 'graphql'

/** An argument that cannot be used; `message` names it and says what would do. Not masked. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
