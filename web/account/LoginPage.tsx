import type { ApolloClient } from '@apollo/client'
import { useMutation, useReadQuery } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useSearchParams } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { useSiteAddress } from '../site-address.ts'
import { PageTitle } from '../ui/PageTitle.tsx'
import { TextField } from '../ui/TextField.tsx'
import { FormError } from './FormError.tsx'
import { leaveTo } from './leave.ts'
import { SignInElsewhere } from './SignInElsewhere.tsx'
import { ownPath } from './own-path.ts'

const LoginPageQuery = graphql(`
  query LoginPage {
    signInOptions {
      note
      signInWith
    }
  }
`)

const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on Refusal {
        message
      }
      ... on NotAuthorizedError {
        code
      }
    }
  }
`)

export async function loadLoginPage(client: ApolloClient) {
  return { query: await preload(client, LoginPageQuery, {}) }
}

export function LoginPage() {
  const { data } = useReadQuery(useLoaded<typeof loadLoginPage>().query)
  const [search] = useSearchParams()
  const next = ownPath(search.get('next'), useSiteAddress().origin)
  const { note, signInWith } = data.signInOptions
  return (
    <div className="mx-auto w-full max-w-80 py-6">
      <PageTitle>Sign in · Builder Hub</PageTitle>
      <h1>Sign in</h1>
      {note && <p className="mt-2 text-quiet">{note}</p>}
      <SignInElsewhere next={next} name={signInWith} problem={search.get('problem')} />
      <LoginForm next={next} />
    </div>
  )
}

/** `leave` goes to the next page. */
export function LoginForm({ next, leave = leaveTo }: { next: string; leave?: (address: string) => void }) {
  const [signIn, { loading }] = useMutation(SignIn, { fetchPolicy: 'no-cache' })
  const [needsCode, setNeedsCode] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => (form.get(name) as string | null) ?? ''
    const code = text('code').trim()
    const input = { name: text('username'), password: text('password'), code: code === '' ? null : code }
    setProblem(null)
    try {
      const result = (await signIn({ variables: { input } })).data?.signIn
      if (result?.__typename === 'SignInSuccess') leave(next)
      else if (result?.__typename === 'SecondFactorRequired') setNeedsCode(true)
      else setProblem(problemOf(result, code !== ''))
    } catch {
      setProblem('The server cannot be reached. Try it again.')
    }
  }

  return (
    <form className="mt-4 space-y-4" onSubmit={(event) => void send(event)}>
      {problem && <FormError>{problem}</FormError>}
      <TextField label="Name" name="username" autoComplete="username" required />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      {needsCode && (
        <TextField
          label="Code"
          name="code"
          autoComplete="one-time-code"
          // The field appears because it has to be filled in next.
          autoFocus
          required
          hint="From the app on your telephone, or a recovery code."
        />
      )}
      <button type="submit" className="control control-main w-full" disabled={loading}>
        Sign in
      </button>
    </form>
  )
}

function problemOf(
  result: { __typename: string; message?: string; code?: string } | null | undefined,
  hasCode: boolean,
): string {
  if (result?.code === 'UNAUTHENTICATED' && !hasCode) return 'Wrong name or password.'
  return sentence(result?.message ?? 'signing in did not work')
}

/** Messages of the server begin with a small letter and have no full stop. */
const sentence = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
