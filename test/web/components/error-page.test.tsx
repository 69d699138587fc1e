// @vitest-environment jsdom
import { render, screen } from '@testing-library/react'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { beforeEach, expect, test, vi } from 'vitest'
import { ErrorPage } from '../../../web/shell/ErrorPage.tsx'
import { findServerState, isPartMissing } from '../../../web/shell/release.ts'
import './render.tsx'

const page = (script: string) =>
  `<!doctype html><title>x</title><script type="module" crossorigin src="${script}"></script>`

beforeEach(() => {
  document.head.innerHTML = '<script type="module" src="/assets/index-old.js"></script>'
})

function serve(answer: () => Response) {
  vi.stubGlobal('fetch', async () => answer())
}

test.each([
  ['Unable to preload CSS for http://x/assets/JobPage-y0oAleAp.css', true],
  ['Failed to fetch dynamically imported module: http://x/assets/a.js', true],
  ['error loading dynamically imported module: http://x/assets/a.js', true],
  ['Importing a module script failed.', true],
  ['Failed to fetch', false],
  ['x is not a function', false],
])('%j is a missing part: %j', (message, isMissing) => {
  expect(isPartMissing(new TypeError(message))).toBe(isMissing)
})

test.each([
  ['the same', () => new Response(page('/assets/index-old.js')), 'same'],
  ['a newer', () => new Response(page('/assets/index-new.js')), 'newer'],
  ['an unhealthy', () => new Response('bad gateway', { status: 502 }), 'unreachable'],
  [
    'no',
    () => {
      throw new TypeError('Failed to fetch')
    },
    'unreachable',
  ],
] as const)('%s release answers', async (_name, answer, state) => {
  serve(answer)
  expect(await findServerState()).toBe(state)
})

function failWith(error: unknown) {
  const route = {
    path: '/',
    loader: () => {
      throw error
    },
    element: null,
    HydrateFallback: () => null,
    ErrorBoundary: ErrorPage,
  }
  render(<RouterProvider router={createMemoryRouter([route])} />)
}

test.each([
  [new TypeError('Failed to fetch'), 'The server does not answer'],
  [
    new TypeError('Failed to fetch dynamically imported module: /assets/a.js'),
    'A part of this page did not arrive',
  ],
])('%s: the page says so, and that it mends itself', async (error, title) => {
  serve(() => {
    throw new TypeError('Failed to fetch')
  })
  failWith(error)
  expect(await screen.findByRole('heading', { name: title })).toBeDefined()
  expect(screen.getByRole('status').textContent).toMatch(
    /loaded anew by itself as soon as the server answers\.$/,
  )
  expect(document.title).toBe(`${title} · Builder Hub`)
})

test('a mistake of the application is called one, and is not hidden by a reload', async () => {
  failWith(new Error('x is not a function'))
  expect(await screen.findByRole('heading', { name: 'This page broke' })).toBeDefined()
  expect(screen.getByRole('status').textContent).toBe('That is a mistake in Builder Hub: x is not a function')
})
