import type { OperationVariables } from '@apollo/client'
import { useState, type ReactNode } from 'react'
import { type Mutation, useAct } from '../admin/use-act.ts'
import { FormError } from './FormError.tsx'

/** A form that sends a mutation. `done`: what it says when that has succeeded. */
export function ActForm<Variables extends OperationVariables>(props: {
  label: string
  mutation: Mutation<Variables>
  variables: (form: FormData) => Variables
  button: string
  done: string
  children: ReactNode
}) {
  const { label, mutation, variables, button, done, children } = props
  const { act, isRunning, refusal } = useAct(mutation)
  const [isDone, setIsDone] = useState(false)

  async function send(form: HTMLFormElement) {
    setIsDone(false)
    if ((await act(variables(new FormData(form)))) === null) return
    setIsDone(true)
    form.reset()
  }

  return (
    <form
      aria-label={label}
      className="mt-2 max-w-96 space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        void send(event.currentTarget)
      }}
    >
      {refusal !== null && <FormError>{sentence(refusal)}</FormError>}
      {children}
      <button type="submit" className="control" disabled={isRunning}>
        {button}
      </button>
      <p role="status" className="text-good empty:hidden">
        {isDone ? done : ''}
      </p>
    </form>
  )
}

/** Messages of the server begin with a small letter and have no full stop. */
const sentence = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`

/** What a field of a form has. */
export const fieldOf = (form: FormData, name: string): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
