import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'

/** What a page of the administration shows, or that the viewer may not see it. */
export type LoadedAdmin<Admin> = { admin: Admin } | { refusal: 'UNAUTHENTICATED' | 'FORBIDDEN' }

/**
 * Asks for a page of the administration, past the cache: nothing of it is kept in the browser, and what is shown is what the
 * server says now.
 */
export async function loadAdmin<Admin, Variables extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<{ admin: Admin | null }, Variables>,
  variables: NoInfer<Variables>,
): Promise<LoadedAdmin<Admin>> {
  // The overloads cannot see that `variables` fits a query that is generic here.
  const options = { query, variables, fetchPolicy: 'no-cache', errorPolicy: 'all' } as never
  const { data, error } = await client.query<{ admin: Admin | null }>(options)
  if (CombinedGraphQLErrors.is(error)) {
    const code = error.errors[0]?.extensions?.['code']
    if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return { refusal: code }
  }
  if (error) throw error instanceof Error ? error : new Error(error.message)
  if (!data?.admin) throw new Error('a part of the answer is missing: reload the page')
  return { admin: data.admin }
}
