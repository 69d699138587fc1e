// @vitest-environment jsdom
import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { type RemovedBuildQuery, RemovedBuildDocument } from '../../../web/gql/graphql.ts'
import { MissingBuild } from '../../../web/removed/MissingBuild.tsx'
import { renderAt } from './render.tsx'

const uuid = '00000000-0000-4000-8000-000000000001'
const newest = '00000000-0000-4000-8000-000000000002'

const removed: NonNullable<RemovedBuildQuery['removedBuild']> = {
  __typename: 'RemovedBuild',
  uuid,
  jobName: 'hello',
  platformName: 'debian-12',
  status: 'SUCCEEDED',
  startedAt: '2026-01-02T03:04:05Z',
  inputId: 'b'.repeat(64),
  mainBinary: { __typename: 'RemovedMainBinary', path: 'bin/hello', sha256: 'a'.repeat(64), sizeBytes: 2048 },
  verdict: 'REPRODUCED',
  reproducedCount: 4,
  removedAt: '2026-03-01T00:00:00Z',
  reason: 'hub vacuum except-latest 5',
  newestBuild: {
    __typename: 'Build',
    id: 'newest',
    uuid: newest,
    startedAt: '2026-02-02T03:04:05Z',
    platform: { __typename: 'Platform', id: 'platform', name: 'debian-12' },
  },
}

function render(removedBuild: RemovedBuildQuery['removedBuild'], job?: string) {
  renderAt(
    '/',
    <MissingBuild {...(job === undefined ? {} : { job })} uuid={uuid} otherwise={<p>nothing</p>} />,
    {
      mocks: [
        {
          request: { query: RemovedBuildDocument, variables: { uuid } },
          result: { data: { __typename: 'Query', removedBuild } },
        },
      ],
    },
  )
}

/** The description of a term of the list. */
const fact = (name: string) => screen.getByText(name, { selector: 'dt' }).nextElementSibling?.textContent

test('a removed build has a page with its facts, and the way to the newest build', async () => {
  render(removed, 'hello')
  expect(await screen.findByRole('heading', { name: 'This build was removed' })).toBeDefined()
  expect(screen.getByText(/repeated here/).textContent).toBe('hello on debian-12. It was repeated here ×5.')
  const link = screen.getByRole('link', { name: 'See the newest build' })
  expect(link.getAttribute('href')).toBe(`/job/hello/build/${newest}`)
  expect(fact('Removed')).toBe('2026-03-01 00:00:00Z')
  expect(fact('Why')).toBe('hub vacuum except-latest 5')
  expect(fact('Result')).toBe('succeeded')
  expect(fact('Main binary')).toBe('bin/hello, 2.0 KiB')
  const [hash] = screen.getAllByText('a'.repeat(64))
  expect(
    within(hash?.parentElement?.parentElement ?? document.body)
      .getByRole('button')
      .getAttribute('aria-label'),
  ).toContain('SHA-256 of the main binary')
  expect(fact('UUID')).toBe(uuid)
})

test.each([
  ['REPRODUCED', 1, 'It was repeated here ×2.'],
  ['NOT_REPRODUCIBLE', 0, 'It was not reproducible: builds with the same input had another main binary.'],
  ['UNCONFIRMED', 0, 'It was not repeated.'],
  ['NO_OUTPUT', 0, 'It had no main binary.'],
] as const)('its verdict in words: %s', async (verdict, reproducedCount, words) => {
  const mainBinary = verdict === 'NO_OUTPUT' ? null : removed.mainBinary
  render({ ...removed, verdict, reproducedCount, mainBinary, newestBuild: null, reason: '', inputId: null })
  expect((await screen.findByText(/^hello/, { selector: 'p *' })).closest('p')?.textContent).toBe(
    `hello on debian-12. ${words}`,
  )
  expect(screen.getByText('The job has no other build with a main binary.')).toBeDefined()
  expect(screen.queryByText('Why')).toBeNull()
})

test('a build of another job, and one that never was, are not found', async () => {
  render(removed, 'other')
  expect(await screen.findByText('nothing')).toBeDefined()
})

test('a build that never was is not found', async () => {
  render(null)
  expect(await screen.findByText('nothing')).toBeDefined()
})
