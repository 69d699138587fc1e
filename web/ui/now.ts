import { createContext, useContext, useSyncExternalStore } from 'react'
import { firstPage } from './first-page.ts'

/** The time of the page that the server draws, in milliseconds since 1970. In a browser, null. */
export const DrawnAt = createContext<number | null>(null)

/** A hook that gives the time in milliseconds since 1970, and renews it. A page that is taken over begins with the time of its server. */
function clock(tickMs: number): () => number {
  let now = Date.now()

  function subscribe(changed: () => void): () => void {
    const tick = () => {
      now = Date.now()
      changed()
    }
    tick()
    const timer = setInterval(tick, tickMs)
    return () => clearInterval(timer)
  }

  return () => {
    const drawnAt = useContext(DrawnAt)
    const firstNow = () => drawnAt ?? firstPage?.now ?? Date.now()
    return useSyncExternalStore(subscribe, () => now, firstNow)
  }
}

/** The time in milliseconds since 1970, renewed every half minute so that "3 minutes ago" stays true. */
export const useNow = clock(30_000)

/** The time in milliseconds since 1970, renewed every second. */
export const useSecond = clock(1_000)
