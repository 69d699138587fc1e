import type { OperationVariables, TypedDocumentNode } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { useApolloClient } from '@apollo/client/react'
import { useState } from 'react'
import { useRevalidator } from 'react-router'

/** The result of a mutation: a success, or a refusal with a message. */
type Outcome = { __typename: string; message?: string } | null | undefined

/** A document with one mutation. */
export type Mutation<Variables extends OperationVariables> = TypedDocumentNode<
  Record<string, unknown>,
  Variables
>

/**
 * Sends a mutation, and shows the page anew when it has succeeded. `refusal`: why the last one changed nothing. `act` returns
 * the result of one that has succeeded, and null otherwise.
 */
export function useAct<Variables extends OperationVariables>(mutation: Mutation<Variables>) {
  const client = useApolloClient()
  const { revalidate } = useRevalidator()
  const [state, setState] = useState<{ isRunning: boolean; refusal: string | null }>({
    isRunning: false,
    refusal: null,
  })

  async function act(variables: Variables): Promise<Record<string, unknown> | null> {
    setState({ isRunning: true, refusal: null })
    try {
      // The overloads cannot see that `variables` fits a mutation that is generic here.
      const options = { mutation, variables, fetchPolicy: 'no-cache' } as never
      const { data } = await client.mutate<Record<string, Outcome>>(options)
      const outcome = Object.entries(data ?? {}).find(([name]) => name !== '__typename')?.[1]
      if (!outcome) throw new Error('the server gave no result: reload the page')
      const refusal = outcome.message ?? null
      setState({ isRunning: false, refusal })
      if (refusal !== null) return null
      await revalidate()
      return outcome
    } catch (error) {
      const said = CombinedGraphQLErrors.is(error) ? error.errors[0]?.message : undefined
      setState({
        isRunning: false,
        refusal: said ?? (error instanceof Error ? error.message : 'the server does not answer'),
      })
      return null
    }
  }

  return { ...state, act, forget: () => setState({ isRunning: false, refusal: null }) }
}
