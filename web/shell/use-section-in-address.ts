import { type RefObject, useEffect, useState } from 'react'
import { NavigationType, useLocation, useNavigationType } from 'react-router'

/** What a reader does who goes on alone. */
const readerMoves = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const

/** Whether this document was loaded by a reload or the way back, whose old place the router restores. */
function isReturn(): boolean {
  const [load] = performance.getEntriesByType('navigation')
  return load !== undefined && 'type' in load && load.type !== 'navigate'
}

/**
 * Brings the section that the address names (`#size`) into view. The section may be drawn long after the
 * address is there, and what is above it may still grow: it is followed until the reader moves.
 */
export function useSectionInAddress(main: RefObject<HTMLElement | null>): void {
  const { key, pathname, hash } = useLocation()
  const [firstKey] = useState(key)
  const isFirst = key === firstKey
  const isBack = useNavigationType() === NavigationType.Pop && !isFirst
  useEffect(() => {
    const page = main.current
    const id = decodeHash(hash)
    if (!page || !id || isBack || (isFirst && isReturn())) return
    const show = () => find(id)?.scrollIntoView()
    const size = new ResizeObserver(show)
    size.observe(page)
    const leave = () => {
      size.disconnect()
      for (const move of readerMoves) removeEventListener(move, leave, true)
    }
    for (const move of readerMoves) addEventListener(move, leave, { capture: true, passive: true })
    return leave
    // A change of the view alone moves nobody.
  }, [main, pathname, hash, isFirst, isBack])
}

/** A section of the page, or of a readme as GitHub's addresses name it: the server puts a prefix before its ids. */
function find(id: string): HTMLElement | null {
  return document.getElementById(id) ?? document.getElementById(`user-content-${id}`)
}

/** The id that a hash names; null for lines of the console (`#L10`), which look after themselves. */
function decodeHash(hash: string): string | null {
  if (hash === '' || /^#L\d/.test(hash)) return null
  try {
    return decodeURIComponent(hash.slice(1))
  } catch {
    return null
  }
}
