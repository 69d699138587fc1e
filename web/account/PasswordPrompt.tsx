import { useMutation, useQuery } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { graphql } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { elsewherePath } from './elsewhere-path.ts'
import { FormError } from './FormError.tsx'
import { refusalOf } from './refusal.ts'

const SignInAgain = graphql(`
  mutation SignInAgain($input: SignInAgainInput!) {
    signInAgain(input: $input) {
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

const PasswordPromptQuery = graphql(`
  query PasswordPrompt {
    viewer {
      signsInElsewhere
    }
  }
`)

/** Asks for the password once more, where a mutation has answered `SignInAgain`. `onDone` sends it again. */
export function PasswordPrompt({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const [confirm, { loading }] = useMutation(SignInAgain, { fetchPolicy: 'no-cache' })
  const { data } = useQuery(PasswordPromptQuery, { fetchPolicy: 'no-cache' })
  const [problem, setProblem] = useState<string | null>(null)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const input = { password: new FormData(event.currentTarget).get('password') as string }
    setProblem(null)
    try {
      const problem = refusalOf((await confirm({ variables: { input } })).data?.signInAgain)
      setProblem(problem)
      if (problem === null) onDone()
    } catch {
      setProblem('The server cannot be reached. Try it again.')
    }
  }

  return (
    <form className="mt-2 max-w-80 space-y-4" onSubmit={(event) => void send(event)}>
      <p>For this, give your password once more.</p>
      {data?.viewer?.signsInElsewhere && (
        <p>
          If it is that of another site,{' '}
          <a href={elsewherePath(window.location.pathname, { isAgain: true })}>give it there</a>.
        </p>
      )}
      {problem && <FormError>{problem}</FormError>}
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus
        required
      />
      <div className="flex gap-2">
        <button type="submit" className="control control-main" disabled={loading}>
          Go on
        </button>
        <button type="button" className="control" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
