// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Outcome } from '../../../web/outcomes/Outcome.tsx'
import { type BuildOutcomeFragment, BuildOutcomeFragmentDoc } from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { cutText, rowLetters } from '../../../web/ui/cut-text.ts'
import { LongText } from '../../../web/ui/LongText.tsx'
import { renderAt } from './render.tsx'

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'longe…'],
  ['with space', 5, 'with…'],
  ['😀😀😀', 3, '😀😀😀'],
  ['😀😀😀😀', 3, '😀😀😀…'],
  ['', 0, ''],
])('cutText(%j, %d)', (text, most, cut) => {
  expect(cutText(text, most)).toBe(cut)
})

test('a short text is shown as it is', () => {
  renderAt('/', <LongText text="aborted: timeout" what="the whole message" />)
  expect(document.body.textContent).toBe('aborted: timeout')
  expect(screen.queryByRole('button')).toBeNull()
})

test('a long text shows its beginning, and the whole when asked', () => {
  const text = `aborted: ${'word '.repeat(800)}end`
  renderAt('/', <LongText text={text} what="the whole message" />)
  expect(document.body.textContent).not.toContain('end')
  fireEvent.click(screen.getByRole('button', { name: 'Show the whole message (4,012 characters)' }))
  expect(document.body.textContent).toContain(text)
  fireEvent.click(screen.getByRole('button', { name: 'Show less' }))
  expect(document.body.textContent).not.toContain('end')
})

function outcome(message: string, failure: BuildOutcomeFragment['failure'] = null) {
  return makeFragmentData(
    { __typename: 'Build', status: 'FAILED', failure, result: { __typename: 'AbortedResult', message } },
    BuildOutcomeFragmentDoc,
  )
}

test('a row shows the beginning of a long result, and a known reason whole', () => {
  const message = 'x'.repeat(4_000)
  renderAt('/', <Outcome of={outcome(message)} />)
  expect(document.body.textContent).toBe(`Failed: ${`aborted: ${message}`.slice(0, rowLetters)}…`)
  renderAt(
    '/',
    <Outcome of={outcome(message, { __typename: 'Failure', class: 'DEPENDENCY_NOT_SOLVABLE' })} />,
  )
  expect(screen.getByText(/dependency not solvable$/)).toBeDefined()
})
