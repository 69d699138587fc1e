import { type ReactNode, useEffect, useLayoutEffect } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import type { createBrowserRouter } from 'react-router'
import { parseLineRange } from './console/line-range.ts'
import { endOpening, firstPageId } from './ui/first-page.ts'

type Router = ReturnType<typeof createBrowserRouter>

/** Gives a page that the server has drawn to the application. What is painted stays until all that the page needs is here. */
export async function takeOver(root: HTMLElement, router: Router, application: ReactNode): Promise<void> {
  await isOpen(router)
  endOpening()
  // The server does not see the lines of a console that an address names: with them, the page is another.
  if (parseLineRange(window.location.hash)) {
    createRoot(root).render(<TakenOver>{application}</TakenOver>)
    return
  }
  const top = window.scrollY
  // The router goes to the top, as on a page of its own, but the reader may have scrolled, or have come back.
  const restoreScroll = () => {
    const { restoreScrollPosition: before } = router.state
    window.scrollTo(0, top === 0 && typeof before === 'number' ? before : top)
  }
  hydrateRoot(root, <TakenOver onTakenOver={restoreScroll}>{application}</TakenOver>)
}

/** What the server wrote beside the page is not needed once the page listens. */
function TakenOver({ children, onTakenOver }: { children: ReactNode; onTakenOver?: () => void }) {
  useLayoutEffect(() => onTakenOver?.(), [onTakenOver])
  useEffect(() => document.getElementById(firstPageId)?.remove(), [])
  return children
}

function isOpen(router: Router): Promise<void> {
  if (router.state.initialized) return Promise.resolve()
  return new Promise((resolve) => {
    const end = router.subscribe(({ initialized }) => {
      if (!initialized) return
      end()
      resolve()
    })
  })
}
