// @vitest-environment jsdom
import { useRef } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { useSectionInAddress } from '../../../web/shell/use-section-in-address.ts'
import { renderAt } from './render.tsx'

let shown: string[] = []

/** Says once that the page has its size. */
class SizedOnce {
  readonly observe: () => void
  constructor(tell: () => void) {
    this.observe = tell
  }
  disconnect() {}
}
beforeEach(() => {
  shown = []
  vi.stubGlobal('ResizeObserver', SizedOnce)
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([])
  Element.prototype.scrollIntoView = function (this: Element) {
    shown.push(this.id)
  }
})

function Page() {
  const main = useRef<HTMLElement>(null)
  useSectionInAddress(main)
  return (
    <main ref={main}>
      <h2 id="readme">Readme</h2>
      <h3 id="user-content-use">Use</h3>
      <h3 id="user-content-readme">Readme</h3>
    </main>
  )
}

test.each([
  ['#use', ['user-content-use']],
  ['#user-content-use', ['user-content-use']],
  ['#readme', ['readme']],
  ['#nowhere', []],
  ['#L10', []],
  ['#%', []],
])('an address with %s shows %j', (hash, ids) => {
  renderAt(`/job/lamp${hash}`, <Page />)
  expect(shown).toEqual(ids)
})
