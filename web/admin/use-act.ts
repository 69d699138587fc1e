import type { OperationVariables, TypedDocumentNode } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { useApolloClient } from '@apollo/client/react'
import { useState } from 'react'
import { useRevalidator } from 'react-router'
import { needsPassword } from '../account/refusal.ts'

/** The result of a mutation: a success, or a refusal with a message. */
type Outcome = { __typename: string; message?: string } | null | undefined

type State = { isRunning: boolean; refusal: string | null; asksPassword: boolean }
const idle: State = { isRunning: false, refusal: null, asksPassword: false }

/** A document with one mutation. */
export type Mutation<Variables extends OperationVariables> = TypedDocumentNode<
  Record<string, unknown>,
  Variables
>

/**
 * Sends a mutation, and shows the page anew when it has succeeded. `refusal`: why the last one changed nothing. `asksPassword`: it
 * will work once the user has given the password again. `act` returns the result of one that has succeeded, and null otherwise.
 */
export function useAct<Variables extends OperationVariables>(mutation: Mutation<Variables>) {
  const client = useApolloClient()
  const { revalidate } = useRevalidator()
  const [state, setState] = useState<State>(idle)

  async function act(variables: Variables): Promise<Record<string, unknown> | null> {
    setState({ ...idle, isRunning: true })
    try {
      // The overloads cannot see that `variables` fits a mutation that is generic here.
      const options = { mutation, variables, fetchPolicy: 'no-cache' } as never
      const { data } = await client.mutate<Record<string, Outcome>>(options)
      const outcome = Object.entries(data ?? {}).find(([name]) => name !== '__typename')?.[1]
      if (!outcome) throw new Error('the server gave no result: reload the page')
      if (needsPassword(outcome)) {
        setState({ ...idle, asksPassword: true })
        return null
      }
      const refusal = outcome.message ?? null
      setState({ ...idle, refusal })
      if (refusal !== null) return null
      await revalidate()
      return outcome
    } catch (error) {
      const said = CombinedGraphQLErrors.is(error) ? error.errors[0]?.message : undefined
      setState({
        ...idle,
        refusal: said ?? (error instanceof Error ? error.message : 'the server does not answer'),
      })
      return null
    }
  }

  return { ...state, act, forget: () => setState(idle) }
}
