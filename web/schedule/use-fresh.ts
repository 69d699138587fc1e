import { useEffect } from 'react'
import { useRevalidator } from 'react-router'

const everyMs = 5_000

/** Asks for what the page shows again and again while somebody may see it, and it `changes`: runs and workers come and go. */
export function useFresh({ changes }: { changes: boolean } = { changes: true }): void {
  const { revalidate } = useRevalidator()
  useEffect(() => {
    if (!changes) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void revalidate()
    }, everyMs)
    return () => clearInterval(timer)
  }, [changes, revalidate])
}
