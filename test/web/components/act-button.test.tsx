// @vitest-environment jsdom
import { gql } from '@apollo/client'
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { ActButton, ConfirmButton, textOf } from '../../../web/admin/ActButton.tsx'
import type { Mutation } from '../../../web/admin/use-act.ts'
import { graphql } from '../../../web/gql/index.ts'
import { TextField } from '../../../web/ui/TextField.tsx'
import { renderAt } from './render.tsx'

const mutation = gql`
  mutation Rename($name: String!) {
    rename(name: $name) {
      __typename
      message
    }
  }
` as Mutation<{ name: string }>

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

const PasswordPrompt = graphql(`
  query PasswordPrompt {
    viewer {
      signsInElsewhere
    }
  }
`)

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

test('a name with hidden characters is said, and typed, with their numbers', () => {
  renderAt(
    '/',
    <ConfirmButton
      label="Remove"
      of={'job\u202egnp'}
      title={'Remove job\u202egnp?'}
      name={'job\u202egnp'}
      mutation={mutation}
      variables={() => ({ name: 'free' })}
    >
      Its builds stay.
    </ConfirmButton>,
    { mocks },
  )
  fireEvent.click(screen.getByRole('button', { name: 'Remove job‹U+202E›gnp' }))
  expect(screen.getByRole('dialog', { name: 'Remove job‹U+202E›gnp?' })).toBeDefined()
  const submit = screen.getByRole<HTMLButtonElement>('button', { name: 'Remove' })
  fireEvent.change(screen.getByLabelText(/^Type/), { target: { value: 'job‹U+202E›gnp' } })
  expect(submit.disabled).toBe(false)
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

test('a mutation that needs the password again is sent once more after it', async () => {
  const onDone = vi.fn()
  const rename = (result: object) => ({
    request: { query: mutation, variables: { name: 'free' } },
    result: { data: { rename: result } },
  })
  renderAt(
    '/',
    <ActButton label="Rename" mutation={mutation} variables={{ name: 'free' }} onDone={onDone} />,
    {
      mocks: [
        rename({ __typename: 'SignInAgain', message: 'this needs a password' }),
        {
          request: { query: PasswordPrompt },
          result: { data: { viewer: { __typename: 'Viewer', signsInElsewhere: true } } },
        },
        {
          request: { query: SignInAgain, variables: { input: { password: 'secret' } } },
          result: { data: { signInAgain: { __typename: 'SignInAgainSuccess' } } },
        },
        rename({ __typename: 'RenameSuccess', message: null }),
      ],
    },
  )
  fireEvent.click(screen.getByRole('button', { name: 'Rename' }))
  const dialog = await screen.findByRole('dialog', { name: 'Rename' })
  const there = await screen.findByRole('link', { name: 'give it there' })
  expect(there.getAttribute('href')).toBe('/oidc/sign-in?next=%2F&again=true')
  fireEvent.change(screen.getByLabelText('Your password'), { target: { value: 'secret' } })
  fireEvent.click(screen.getByRole('button', { name: 'Go on' }))
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce())
  expect(dialog.isConnected).toBe(false)
})
