import { GraphQLError } from 'graphql'

/** An invalid argument. `message` names it and says which values are valid. Yoga does not mask it. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
