// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react'
import { createRef, type ComponentProps } from 'react'
import { expect, test, vi } from 'vitest'
import { ConsoleToolbar } from '../../../web/console/ConsoleToolbar.tsx'
import { renderAt } from './render.tsx'

function renderToolbar(changes: Partial<ComponentProps<typeof ConsoleToolbar>> = {}, address = '/') {
  const calls = { onType: vi.fn(), onMatch: vi.fn(), onWrap: vi.fn(), onTop: vi.fn(), onEnd: vi.fn() }
  const others = { onError: vi.fn(), onSteps: vi.fn(), showsSteps: false, clock: null }
  renderAt(
    address,
    <ConsoleToolbar
      ref={createRef()}
      text=""
      lineCount={1}
      overwritingLineCount={0}
      isLoading={false}
      matches={{ lines: [], isDone: true, at: null }}
      isWrapped={false}
      isFull={false}
      rawUrl="/job/x/build/y/console"
      errors={{ lines: [], isDone: true, at: null }}
      {...others}
      {...calls}
      {...changes}
    />,
  )
  return calls
}

const searching = (lines: readonly number[], at: number | null = null, isDone = true) => ({
  text: 'x',
  matches: { lines, isDone, at },
})

test.each<[string, Parameters<typeof renderToolbar>[0]]>([
  ['1 line', {}],
  ['100,000 lines', { lineCount: 100_000 }],
  ['4,579 lines, of which 4,529 wrote over others', { lineCount: 4_579, overwritingLineCount: 4_529 }],
  ['20 lines so far', { lineCount: 20, isLoading: true }],
  ['searching', searching([], null, false)],
  ['no match', searching([])],
  ['1 line', searching([4])],
  ['2+ lines', searching([4, 5], null, false)],
  ['2 of 3 lines', searching([4, 5, 6], 1)],
  [
    '1,001 of 1,200 lines',
    searching(
      Array.from({ length: 1200 }, (_, line) => line),
      1000,
    ),
  ],
])('the toolbar counts: %s', (words, changes) => {
  renderToolbar(changes)
  expect(screen.getByRole('status').textContent).toBe(words)
})

test('typing searches, Enter goes to the next match and Shift+Enter to the previous one', () => {
  const { onType, onMatch } = renderToolbar(searching([1, 2]))
  const box = screen.getByRole('searchbox', { name: 'Search in the console' })
  fireEvent.change(box, { target: { value: 'xy' } })
  expect(onType).toHaveBeenCalledWith('xy')
  fireEvent.keyDown(box, { key: 'Enter' })
  fireEvent.keyDown(box, { key: 'Enter', shiftKey: true })
  fireEvent.click(screen.getByRole('button', { name: 'Next match' }))
  fireEvent.click(screen.getByRole('button', { name: 'Match before' }))
  expect(onMatch.mock.calls).toEqual([[1], [-1], [1], [-1]])
})

test('the buttons that go to matches are off while there are none', () => {
  renderToolbar(searching([]))
  for (const name of ['Next match', 'Match before'])
    expect(screen.getByRole<HTMLButtonElement>('button', { name }).disabled).toBe(true)
})

test('each button has its effect', () => {
  const { onWrap, onTop, onEnd } = renderToolbar({ isWrapped: true })
  const wrap = screen.getByRole('button', { name: 'Wrap long lines', pressed: true })
  fireEvent.click(wrap)
  fireEvent.click(screen.getByRole('button', { name: 'Go to the first line' }))
  fireEvent.click(screen.getByRole('button', { name: 'Go to the end and stay there' }))
  for (const call of [onWrap, onTop, onEnd]) expect(call).toHaveBeenCalledOnce()
  expect(screen.getByRole('link', { name: 'raw' }).getAttribute('href')).toBe('/job/x/build/y/console')
})

test('a console without a file has no link to it', () => {
  renderToolbar({ rawUrl: null })
  expect(screen.queryByRole('link', { name: 'raw' })).toBeNull()
})

test.each([
  ['to the whole height', false, '/?after=1#L3', 'Console on the whole height', '/?after=1&view=console#L3'],
  ['back, where the lines are marked', true, '/?view=console#L3', 'Back to the whole page', '/#L3'],
  ['back, to the console', true, '/?view=console', 'Back to the whole page', '/#console'],
])('one link leads %s', (_, isFull, address, name, target) => {
  renderToolbar({ isFull }, address)
  expect(screen.getByRole('link', { name }).getAttribute('href')).toBe(target)
})
