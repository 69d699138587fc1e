import { InMemoryCache } from '@apollo/client'
import type { MockLink } from '@apollo/client/testing'
import { MockedProvider } from '@apollo/client/testing/react'
import { cleanup, configure, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { possibleTypes } from '../../../web/gql/possible-types.ts'

// On a busy machine a second, the default, is over before a component has been drawn.
configure({ asyncUtilTimeout: 60_000 })

// Every test of a file that imports this fails when React, or anything else, complains in the console.
let complaints: unknown[][] = []
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  complaints = []
  const complain = (...words: unknown[]) => void complaints.push(words)
  vi.spyOn(console, 'error').mockImplementation(complain)
  vi.spyOn(console, 'warn').mockImplementation(complain)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  expect(complaints).toEqual([])
})

/**
 * Render `children` as a page at `address` of an application without other pages, whose server answers with
 * `mocks`. Returns the address that is shown: path, query and hash.
 */
export function renderAt(
  address: string,
  children: ReactNode,
  { mocks = [] }: { mocks?: readonly MockLink.MockedResponse[] } = {},
): { shownAddress: () => string } {
  const router = createMemoryRouter([{ path: '*', element: children }], { initialEntries: [address] })
  render(
    <MockedProvider mocks={mocks} cache={new InMemoryCache({ possibleTypes })}>
      <RouterProvider router={router} />
    </MockedProvider>,
  )
  const shownAddress = () => {
    const { pathname, search, hash } = router.state.location
    return `${pathname}${search}${hash}`
  }
  return { shownAddress }
}
