import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { graphql } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { FormError } from './FormError.tsx'
import { refusalOf } from './refusal.ts'

const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
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

/** Changes the password. Password managers learn it by the name of the user beside it. */
export function PasswordSection({ userName }: { userName: string }) {
  const [change, { loading }] = useMutation(ChangePassword, {
    fetchPolicy: 'no-cache',
    refetchQueries: ['AccountPage'],
  })
  const [problem, setProblem] = useState<string | null>(null)
  const [isDone, setIsDone] = useState(false)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const input = {
      oldPassword: fields.get('old') as string,
      newPassword: fields.get('new') as string,
    }
    setIsDone(false)
    setProblem(null)
    try {
      const problem = refusalOf((await change({ variables: { input } })).data?.changePassword)
      setProblem(problem)
      if (problem !== null) return
      setIsDone(true)
      form.reset()
    } catch {
      setProblem('The server cannot be reached. Try it again.')
    }
  }

  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form className="mt-2 max-w-80 space-y-4" onSubmit={(event) => void send(event)}>
        {problem && <FormError>{problem}</FormError>}
        <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
        <TextField
          label="Current password"
          name="old"
          type="password"
          autoComplete="current-password"
          required
        />
        <TextField
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={8}
          required
          hint="At least 8 characters. You are signed out everywhere else. Tokens stay."
        />
        <button type="submit" className="control" disabled={loading}>
          Change the password
        </button>
        <p role="status" className="text-good">
          {isDone ? 'The password is changed.' : ''}
        </p>
      </form>
    </section>
  )
}
