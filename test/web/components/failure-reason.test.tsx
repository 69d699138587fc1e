// @vitest-environment jsdom
import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { FailureReason } from '../../../web/builds/FailureReason.tsx'
import {
  type AnalysisStatusFragment,
  AnalysisStatusFragmentDoc,
  BuildAnalysesFragmentDoc,
  type FailureReasonFragment,
  FailureReasonFragmentDoc,
} from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { renderAt } from './render.tsx'

type Failure = NonNullable<FailureReasonFragment['failure']>

/** A failed build; `analysis`: that of its console. */
function failedBuild(failure: Failure | null, analysis: Partial<AnalysisStatusFragment> = {}) {
  const status = makeFragmentData(
    {
      __typename: 'Analysis',
      id: 'analysis',
      kind: 'FAILURE',
      state: 'READY',
      error: null,
      attempts: 1,
      version: 1,
      ...analysis,
    },
    AnalysisStatusFragmentDoc,
  )
  const analyses = makeFragmentData(
    {
      __typename: 'Build',
      id: 'build',
      uuid: '00000000-0000-4000-8000-000000000001',
      analyses: [{ __typename: 'Analysis', id: 'analysis', ...status }],
    },
    BuildAnalysesFragmentDoc,
  )
  return makeFragmentData({ __typename: 'Build', failure, ...analyses }, FailureReasonFragmentDoc)
}

const compileError: Failure = {
  __typename: 'Failure',
  class: 'COMPILE_ERROR',
  reason: 'unbound value x',
  excerpt: {
    __typename: 'ConsoleExcerpt',
    firstLine: 98,
    lines: ['File "main.ml", line 3', '', 'Error: Unbound value x'],
    matchedLine: 100,
  },
}

test('the reason, its lines with their numbers, and the way to them', () => {
  renderAt('/', <FailureReason build={failedBuild(compileError)} />)
  expect(screen.getByRole('heading', { name: 'Why it failed' })).toBeDefined()
  expect(screen.getByText('compile error').parentElement?.textContent).toBe('compile error: unbound value x.')
  const excerpt = screen.getByRole('region', { name: 'Excerpt of the console' })
  expect([...excerpt.querySelectorAll('div')].map(({ textContent }) => textContent)).toEqual([
    '98File "main.ml", line 3',
    '99\n',
    '100Error: Unbound value x',
  ])
  expect(within(excerpt).getByText('Error: Unbound value x').className).toContain('text-bad')
  expect(within(excerpt).getByText('File "main.ml", line 3').className).not.toContain('text-bad')
  expect(screen.getByRole('link', { name: 'in the console' }).getAttribute('href')).toBe('#L98-L100')
})

test('lines that explain nothing are called the end of the console', () => {
  const failure: Failure = {
    __typename: 'Failure',
    class: 'UNKNOWN',
    reason: null,
    excerpt: { __typename: 'ConsoleExcerpt', firstLine: 7, lines: ['exit 2'], matchedLine: null },
  }
  renderAt('/', <FailureReason build={failedBuild(failure)} />)
  expect(
    screen.getByText('Neither the result nor the console of this build contains a message that is known.'),
  ).toBeDefined()
  expect(screen.getByRole('link', { name: 'how the console ends' }).getAttribute('href')).toBe('#L7')
})

test('a reason that belongs to no class is shown with its lines', () => {
  const failure: Failure = {
    __typename: 'Failure',
    class: 'UNKNOWN',
    reason: 'a command printed an error',
    excerpt: { __typename: 'ConsoleExcerpt', firstLine: 7, lines: ['Error: off'], matchedLine: 7 },
  }
  renderAt('/', <FailureReason build={failedBuild(failure)} />)
  expect(screen.getByText('a command printed an error.')).toBeDefined()
  expect(screen.queryByText(/^Neither its result/)).toBeNull()
  expect(screen.getByRole('link', { name: 'in the console' }).getAttribute('href')).toBe('#L7')
})

test('a reason without lines shows no excerpt', () => {
  const failure = { __typename: 'Failure', class: 'TIMEOUT', reason: null, excerpt: null } as const
  renderAt('/', <FailureReason build={failedBuild(failure)} />)
  expect(screen.getByText('timeout')).toBeDefined()
  expect(screen.queryByRole('region')).toBeNull()
  expect(screen.queryByRole('link')).toBeNull()
})

test('a console that was not read yet is said to be one', () => {
  renderAt('/', <FailureReason build={failedBuild(null)} />)
  expect(screen.getByText('The console of this build has not been read yet.')).toBeDefined()
})

test.each([
  ['it takes longer than 10 s', 'Its console could not be analysed: it takes longer than 10 s.'],
  [null, 'Its console could not be analysed: no reason is known.'],
])('a console that could not be analysed is told with the reason: %j', (error, words) => {
  renderAt('/', <FailureReason build={failedBuild(null, { state: 'FAILED', error })} />)
  expect(screen.getByText(/^Its console could not be analysed/).textContent).toBe(words)
  expect(screen.queryByText(/has not been read yet/)).toBeNull()
  expect(screen.getByText(/^The console itself is shown below/)).toBeDefined()
})
