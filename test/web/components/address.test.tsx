// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react'
import { useSearchParams } from 'react-router'
import { expect, test } from 'vitest'
import { BuildFilters, statusFilter } from '../../../web/builds/BuildFilters.tsx'
import { useViewParameter } from '../../../web/charts/use-view-parameter.ts'
import { useLineRange } from '../../../web/console/use-line-range.ts'
import { renderAt } from './render.tsx'

function Lines() {
  const [range, change] = useLineRange()
  const down = () => change((now) => ({ first: (now?.last ?? 0) + 1, last: (now?.last ?? 0) + 1 }))
  return (
    <button type="button" onClick={down}>
      {range ? `line ${range.first}` : 'no line'}
    </button>
  )
}

test('keys that come before the page is drawn move the mark one line each', () => {
  const { shownAddress } = renderAt('/job/x?view=console#L7', <Lines />)
  const button = screen.getByRole('button')
  act(() => {
    for (let key = 0; key < 5; key++) button.click()
  })
  expect(shownAddress()).toBe('/job/x?view=console#L12')
  expect(button.textContent).toBe('line 12')
})

function Views() {
  const [, setChart] = useViewParameter('chart')
  const [, setSort] = useViewParameter('sort')
  const [search] = useSearchParams()
  function both() {
    setChart('size')
    setSort('name')
  }
  return (
    <button type="button" onClick={both}>
      {search.toString()}
    </button>
  )
}

test('two parameters that change before the page is drawn are both in the address; marked lines stay', () => {
  const { shownAddress } = renderAt('/job/x?kept=1#L3-L5', <Views />)
  act(() => screen.getByRole('button').click())
  expect(shownAddress()).toBe('/job/x?kept=1&chart=size&sort=name#L3-L5')
})

test('a hash that the router would scroll to goes when a parameter changes', () => {
  const { shownAddress } = renderAt('/job/x#history', <Views />)
  act(() => screen.getByRole('button').click())
  expect(shownAddress()).toBe('/job/x?chart=size&sort=name')
})

test('a filter that is chosen is in the address, and the list starts at its first page', () => {
  const { shownAddress } = renderAt(
    '/failed-builds?after=abc&since=2026-11-01',
    <BuildFilters filters={[statusFilter]} hasDays />,
  )
  expect(screen.getByLabelText<HTMLInputElement>('From').value).toBe('2026-11-01')
  fireEvent.change(screen.getByLabelText('Result'), { target: { value: 'failed' } })
  fireEvent.change(screen.getByLabelText('To'), { target: { value: '2026-11-30' } })
  expect(shownAddress()).toBe('/failed-builds?since=2026-11-01&status=failed&until=2026-11-30')
  fireEvent.change(screen.getByLabelText('From'), { target: { value: '' } })
  expect(shownAddress()).toBe('/failed-builds?status=failed&until=2026-11-30')
})
