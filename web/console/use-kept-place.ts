import { type RefObject, useLayoutEffect } from 'react'
import type { KeptPlace } from './kept-place.ts'

/** What comes later than this moves the page, as on every other page. */
const keptMs = 5_000
const movements = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const

/**
 * Leaves a section where it was on the screen, whatever stands above it now: also while parts of the page are loaded, which makes
 * it long enough to scroll so far. The reader who moves the page ends it.
 */
export function useKeptPlace(section: RefObject<HTMLElement | null>, kept: KeptPlace | null): void {
  useLayoutEffect(() => {
    const element = section.current
    if (!kept || !element) return
    const keep = () => window.scrollBy(0, element.getBoundingClientRect().top - kept.top)
    keep()
    const observer = new ResizeObserver(keep)
    observer.observe(document.body)
    const stop = () => observer.disconnect()
    const timer = setTimeout(stop, keptMs)
    for (const movement of movements) window.addEventListener(movement, stop, { once: true, passive: true })
    return () => {
      stop()
      clearTimeout(timer)
      for (const movement of movements) window.removeEventListener(movement, stop)
    }
  }, [section, kept])
}
