// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { LoginForm } from '../../../web/account/LoginPage.tsx'
import { ownPath } from '../../../web/account/own-path.ts'
import { SignInElsewhere } from '../../../web/account/SignInElsewhere.tsx'
import { QrCode } from '../../../web/account/QrCode.tsx'
import { UserMenu } from '../../../web/account/UserMenu.tsx'
import { graphql } from '../../../web/gql/index.ts'
import { renderAt } from './render.tsx'

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

const answer = (code: string | null, signIn: object) => ({
  request: { query: SignIn, variables: { input: { name: 'alice', password: 'secret', code } } },
  result: { data: { signIn } },
})

function submit(values: Record<string, string>) {
  for (const [label, value] of Object.entries(values))
    fireEvent.change(screen.getByLabelText(label), { target: { value } })
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }))
}

const given = { Name: 'alice', Password: 'secret' }

test('whoever signs in goes on to where the page led from', async () => {
  const leave = vi.fn()
  const mocks = [answer(null, { __typename: 'SignInSuccess' })]
  renderAt('/login', <LoginForm next="/job/a" leave={leave} />, { mocks })
  expect(screen.getByLabelText('Name').getAttribute('autocomplete')).toBe('username')
  expect(screen.getByLabelText('Password').getAttribute('autocomplete')).toBe('current-password')
  submit(given)
  await waitFor(() => expect(leave).toHaveBeenCalledWith('/job/a'))
})

test('a wrong password is said at once, and a code is asked for where one is needed', async () => {
  const leave = vi.fn()
  const mocks = [
    answer(null, {
      __typename: 'NotAuthorizedError',
      message: 'wrong user or password',
      code: 'UNAUTHENTICATED',
    }),
    answer(null, { __typename: 'SecondFactorRequired', message: 'a code' }),
    answer('123456', { __typename: 'SignInSuccess' }),
  ]
  renderAt('/login', <LoginForm next="/" leave={leave} />, { mocks })
  submit(given)
  expect((await screen.findByRole('alert')).textContent).toBe('Wrong name or password.')
  submit(given)
  const code = await screen.findByLabelText('Code')
  expect(code.getAttribute('autocomplete')).toBe('one-time-code')
  expect(screen.queryByRole('alert')).toBeNull()
  submit({ ...given, Code: ' 123456 ' })
  await waitFor(() => expect(leave).toHaveBeenCalledWith('/'))
})

test.each([
  ['/job/a?b=c#d', '/job/a?b=c#d'],
  [null, '/'],
  ['', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
])('after signing in %j leads to %s', (next, path) => {
  expect(ownPath(next, 'https://hub.example')).toBe(path)
})

test('another site that signs people in is offered, and why it did not is said', () => {
  renderAt('/login', <SignInElsewhere next="/job/a?b" name="The Lab" problem="denied" />)
  expect(screen.getByRole('link', { name: 'Sign in with The Lab' }).getAttribute('href')).toBe(
    '/oidc/sign-in?next=%2Fjob%2Fa%3Fb',
  )
  expect(screen.getByRole('alert').textContent).toBe('The Lab did not let you sign in, or you stopped there.')
})

test('where there is no other site, none is offered', () => {
  renderAt('/login', <SignInElsewhere next="/" name={null} problem="denied" />)
  expect([screen.queryByRole('link'), screen.queryByRole('alert')]).toEqual([null, null])
})

test.each(['constructor', 'x', ''])('a problem that nobody knows (%j) has a sentence, too', (problem) => {
  renderAt('/login', <SignInElsewhere next="/" name="The Lab" problem={problem} />)
  expect(screen.getByRole('alert').textContent).toBe('Signing in did not work. Try it again.')
})

afterEach(() => {
  document.cookie = 'hub-signed-in=; Max-Age=0'
})

test('a visitor who has not signed in sees the way to do so, and asks for nothing', () => {
  renderAt('/job/a?b=c', <UserMenu />)
  expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
    '/login?next=%2Fjob%2Fa%3Fb%3Dc',
  )
})

test('a QR code has a name, and is dark on white', () => {
  renderAt('/', <QrCode text="otpauth://totp/a" label="QR code with the secret" />)
  const picture = screen.getByRole('img', { name: 'QR code with the secret' })
  expect([...picture.querySelectorAll('path')].map((path) => path.getAttribute('fill'))).toEqual([
    '#fff',
    '#000',
  ])
})
