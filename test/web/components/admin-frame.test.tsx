// @vitest-environment jsdom
import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { AdminFrame } from '../../../web/admin/AdminFrame.tsx'
import type { LoadedAdmin } from '../../../web/admin/load-admin.ts'
import { renderAt } from './render.tsx'

function render(loaded: LoadedAdmin<{ count: number }>, address = '/admin/tasks?state=dead') {
  renderAt(
    address,
    <AdminFrame title="Tasks" command="hub tasks status" loaded={loaded}>
      {({ count }) => <p>{count} tasks</p>}
    </AdminFrame>,
  )
}

test('whoever may not see a page is asked to sign in, and comes back to it', () => {
  render({ refusal: 'UNAUTHENTICATED' })
  expect(screen.getByRole('heading', { level: 1, name: 'Sign in as an administrator' })).toBeDefined()
  const link = screen.getByRole('link', { name: 'Sign in' })
  expect(link.getAttribute('href')).toBe('/login?next=%2Fadmin%2Ftasks%3Fstate%3Ddead')
  expect(screen.queryByRole('navigation')).toBeNull()
})

test('somebody who has signed in without the right hears so', () => {
  render({ refusal: 'FORBIDDEN' })
  expect(screen.getByText(/^You are signed in/)).toBeDefined()
})

test('a page has its title, the way to the others, and its command', () => {
  render({ admin: { count: 3 } })
  expect(screen.getByRole('heading', { level: 1, name: 'Tasks' })).toBeDefined()
  expect(screen.getByText('3 tasks')).toBeDefined()
  expect(screen.getByRole('link', { name: 'Tasks' }).getAttribute('aria-current')).toBe('page')
  expect(screen.getByRole('link', { name: 'Overview' }).getAttribute('aria-current')).toBeNull()
  expect(screen.getByText('hub tasks status')).toBeDefined()
})
