import { expect, test } from 'vitest'
import { reloadsUnlessOnly } from '../../../web/charts/view-state.ts'

const reloads = reloadsUnlessOnly('history', 'chart')

test.each([
  ['/job/a', '/job/a?history=table', false],
  ['/job/a?history=table&chart=duration', '/job/a', false],
  ['/job/a?platform=x&chart=size', '/job/a?chart=duration&platform=x', false],
  ['/job/a?chart=size', '/job/a?chart=size&platform=x', true],
  ['/job/a?chart=size', '/job/b?chart=duration', true],
  // Somebody follows a link to the very page that is shown: a reload, as ever.
  ['/job/a?chart=size', '/job/a?chart=size', true],
])('%s → %s', (from, to, expected) => {
  const [currentUrl, nextUrl] = [from, to].map((path) => new URL(path, 'http://localhost'))
  const args = { currentUrl, nextUrl, defaultShouldRevalidate: true }
  expect(reloads(args as Parameters<typeof reloads>[0])).toBe(expected)
})
