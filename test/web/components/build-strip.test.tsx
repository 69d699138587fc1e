// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { BuildStripFragmentDoc } from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { BuildStrip } from '../../../web/jobs/BuildStrip.tsx'
import { renderAt } from './render.tsx'

const uuid = (day: number) => `00000000-0000-4000-8000-00000000000${day}`

/** A build of that day of September 2026. */
const build = (day: number, isGood: boolean, kind: string, words: string) => ({
  ...{ __typename: 'Build', id: `build-${day}`, uuid: uuid(day), startedAt: `2026-09-0${day}T15:30:00Z` },
  platform: { __typename: 'Platform', id: 'debian-12', name: 'debian-12' },
  status: isGood ? 'SUCCEEDED' : 'FAILED',
  failure: null,
  result: { __typename: 'ExitedResult', code: isGood ? 0 : 20 },
  reproducibility: { __typename: 'Reproducibility', grade: { __typename: 'Grade', kind, words } },
})

/** Newest first, as the server lists them. */
const builds = [
  build(4, true, 'REPEATED', 'Repeated here ×4'),
  build(3, true, 'DISPUTED', 'Disputed'),
  build(2, false, 'NONE', 'No output'),
  build(1, true, 'NONE', 'No output'),
]

function render(shown: typeof builds, totalCount: number, platform: string | null = null) {
  const job = { name: 'hello', newest: { edges: shown.map((node) => ({ node })), totalCount } }
  renderAt(
    '/',
    <BuildStrip job={makeFragmentData(job as never, BuildStripFragmentDoc)} platform={platform} />,
  )
}

const cells = () => screen.getAllByRole('listitem').map((item) => item.querySelector('a')!)

test('a cell for each build, the oldest first, in words, each leading to its build', () => {
  render(builds, 4)
  expect(cells().map((cell) => cell.getAttribute('aria-label'))).toEqual([
    '2026-09-01 15:30:00Z, debian-12: succeeded, no output',
    '2026-09-02 15:30:00Z, debian-12: failed: exited 20',
    '2026-09-03 15:30:00Z, debian-12: succeeded, disputed',
    '2026-09-04 15:30:00Z, debian-12: succeeded, repeated here ×4',
  ])
  expect(cells().map((cell) => cell.getAttribute('href'))).toEqual(
    [1, 2, 3, 4].map((day) => `/job/hello/build/${uuid(day)}`),
  )
  // Signs tell apart what colours do not.
  expect(new Set(cells().map((cell) => cell.querySelector('path')!.getAttribute('d'))).size).toBe(4)
})

test('Tab stops at one cell, and the arrows go to the others', () => {
  render(builds, 4)
  const stops = () => cells().map((cell) => cell.tabIndex)
  expect(stops()).toEqual([-1, -1, -1, 0])
  cells()[3]!.focus()
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowLeft' })
  expect(document.activeElement).toBe(cells()[2])
  expect(stops()).toEqual([-1, -1, 0, -1])
  fireEvent.keyDown(document.activeElement!, { key: 'Home' })
  expect(document.activeElement).toBe(cells()[0])
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowLeft' })
  expect(document.activeElement).toBe(cells()[0])
})

test('a link leads to the whole history, on the platform that is chosen', () => {
  render(builds, 1_600, 'debian 12')
  expect(screen.getByRole('link', { name: 'all 1,600 builds' }).getAttribute('href')).toBe(
    '/job/hello?view=builds&platform=debian%2012',
  )
})

test('one build alone has no strip', () => {
  render(builds.slice(0, 1), 1)
  expect(screen.queryByRole('list')).toBeNull()
})
