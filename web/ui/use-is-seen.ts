import { type RefObject, useEffect, useState } from 'react'

/** What makes a place that waits to be seen a stop of the Tab key. */
export type FocusStop = { tabIndex: 0 | -1; onFocus: () => void }

/**
 * Whether an element has been near the visible part of the page, or had the focus. Give it `focusStop`, a role
 * and a label: without a stop there, the Tab key would skip what is not drawn yet.
 */
export function useIsSeen(element: RefObject<HTMLElement | null>): [isSeen: boolean, focusStop: FocusStop] {
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => {
    if (!element.current || isSeen) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setIsSeen(true),
      { rootMargin: '300px' },
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element, isSeen])
  // What has the focus keeps it while its content is drawn, from where the next Tab goes into that.
  return [isSeen, { tabIndex: isSeen ? -1 : 0, onFocus: () => setIsSeen(true) }]
}
