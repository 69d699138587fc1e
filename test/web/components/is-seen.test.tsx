// @vitest-environment jsdom
import { act, screen } from '@testing-library/react'
import { useRef } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { useIsSeen } from '../../../web/ui/use-is-seen.ts'
import { renderAt } from './render.tsx'

/** Nothing ever comes into view. */
class BlindObserver {
  observe() {}
  disconnect() {}
}
beforeEach(() => void vi.stubGlobal('IntersectionObserver', BlindObserver))

function Late() {
  const element = useRef<HTMLDivElement>(null)
  const [isSeen, focusStop] = useIsSeen(element)
  return (
    <div ref={element} {...focusStop} role="group" aria-label="Console">
      {isSeen && <button type="button">Search</button>}
    </div>
  )
}

test('what waits to be seen is a stop of the Tab key, and is drawn when it has the focus', () => {
  renderAt('/', <Late />)
  const place = screen.getByRole('group', { name: 'Console' })
  expect(place.tabIndex).toBe(0)
  expect(screen.queryByRole('button')).toBeNull()
  act(() => place.focus())
  expect(screen.getByRole('button', { name: 'Search' })).toBeDefined()
  // The focus stays, and the next Tab goes on from there.
  expect(document.activeElement).toBe(place)
  expect(place.tabIndex).toBe(-1)
})
