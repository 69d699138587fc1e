/** What a mutation answers that can refuse. */
type Result = { __typename: string; message?: string; code?: string }

/** Why a mutation changed nothing, as a sentence; null: it did what it should. */
export function refusalOf(result: Result | null | undefined): string | null {
  if (!result) return 'That did not work. Try it again.'
  if (result.message === undefined) return null
  if (result.code === 'UNAUTHENTICATED' && result.message.startsWith('wrong user or password'))
    return 'Wrong password.'
  // Messages of the server begin with a small letter and have no full stop.
  return `${result.message.charAt(0).toUpperCase()}${result.message.slice(1)}.`
}

/** Whether the mutation works once the user has given the password again. */
export const needsPassword = (result: Result | null | undefined): boolean =>
  result?.__typename === 'SignInAgain'
