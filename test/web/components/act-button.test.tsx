// @vitest-environment jsdom
import { gql } from '@apollo/client'
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { ActButton, ConfirmButton, TextField, textOf } from '../../../web/admin/ActButton.tsx'
import type { Mutation } from '../../../web/admin/use-act.ts'
import { renderAt } from './render.tsx'

const mutation = gql`
  mutation Rename($name: String!) {
    rename(name: $name) {
      __typename
      message
    }
  }
` as Mutation<{ name: string }>

/** The server refuses the name `taken`. */
const mocks = ['free', 'taken'].map((name) => ({
  request: { query: mutation, variables: { name } },
  result: {
    data: {
      rename:
        name === 'free'
          ? { __typename: 'RenameSuccess', message: null }
          : { __typename: 'NameTakenError', message: 'the name is taken: choose another' },
    },
  },
}))

// jsdom has no dialogs.
beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
  HTMLDialogElement.prototype.close = function () {
    this.open = false
    this.dispatchEvent(new Event('close'))
  }
})

test('a refusal is said beside the button', async () => {
  renderAt('/', <ActButton label="Rename" of="it" mutation={mutation} variables={{ name: 'taken' }} />, {
    mocks,
  })
  fireEvent.click(screen.getByRole('button', { name: 'Rename it' }))
  expect(await screen.findByText('the name is taken: choose another')).toBeDefined()
  expect(screen.getByRole('alert').textContent).toContain('taken')
})

test('what asks for a name does nothing until the name is typed', async () => {
  const onDone = vi.fn()
  renderAt(
    '/',
    <ConfirmButton
      label="Remove"
      title="Remove hello?"
      name="hello"
      mutation={mutation}
      variables={(form) => ({ name: textOf(form, 'new') })}
      onDone={onDone}
    >
      <TextField name="new" label="New name" defaultValue="free" />
    </ConfirmButton>,
    { mocks },
  )
  fireEvent.click(screen.getByRole('button', { name: 'Remove' }))
  const [, submit] = screen.getAllByRole('button', { name: 'Remove' })
  if (!(submit instanceof HTMLButtonElement)) throw new Error('the dialog has no button')
  expect(screen.getByRole('dialog', { name: 'Remove hello?' })).toBeDefined()
  expect(submit.disabled).toBe(true)
  fireEvent.change(screen.getByLabelText(/^Type/), { target: { value: 'hello' } })
  expect(submit.disabled).toBe(false)
  fireEvent.click(submit)
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce())
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('a refusal in a dialog leaves it open', async () => {
  renderAt(
    '/',
    <ConfirmButton
      label="Rename"
      title="Rename it"
      mutation={mutation}
      variables={(form) => ({ name: textOf(form, 'new') })}
    >
      <TextField name="new" label="New name" defaultValue="taken" />
    </ConfirmButton>,
    { mocks },
  )
  fireEvent.click(screen.getByRole('button', { name: 'Rename' }))
  const buttons = screen.getAllByRole('button', { name: 'Rename' })
  fireEvent.click(buttons[buttons.length - 1] as HTMLElement)
  expect(await screen.findByText('the name is taken: choose another')).toBeDefined()
  expect(screen.getByRole('dialog', { name: 'Rename it' })).toBeDefined()
})
