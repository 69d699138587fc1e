import { useSyncExternalStore } from 'react'

const tickMs = 30_000
let now = Date.now()

function subscribe(changed: () => void): () => void {
  const timer = setInterval(() => {
    now = Date.now()
    changed()
  }, tickMs)
  return () => clearInterval(timer)
}

/** The time in milliseconds since 1970, renewed every half minute so that "3 minutes ago" stays true. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
