import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react'

const dark = matchMedia('(prefers-color-scheme: dark)')
const still = matchMedia('(prefers-reduced-motion: reduce)')

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  dark.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    dark.removeEventListener('change', changed)
  }
}

/** A text that changes with the colours of the page, so that a canvas is drawn again. */
export function useColourScheme(): string {
  return useSyncExternalStore(subscribe, () => {
    return `${document.documentElement.dataset['theme'] ?? 'system'} ${dark.matches ? 'dark' : 'light'}`
  })
}

/** Whether the reader prefers reduced motion. */
export const wantsStillness = (): boolean => still.matches

let fontLoads = 0
document.fonts.addEventListener('loadingdone', () => fontLoads++)

function subscribeToFonts(changed: () => void): () => void {
  document.fonts.addEventListener('loadingdone', changed)
  return () => document.fonts.removeEventListener('loadingdone', changed)
}

/** A number that changes when fonts are loaded, so that a canvas is measured and drawn again. */
export function useFontLoads(): number {
  return useSyncExternalStore(subscribeToFonts, () => fontLoads)
}

/** The size of an element in CSS pixels, 0 until it is known. */
export function useElementSize(element: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return size
}
