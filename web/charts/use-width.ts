import { useEffect, useState } from 'react'

/** Width of an element's content in whole CSS pixels, as it changes; 0 until it is known. */
export function useWidth(element: Element | null): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return width
}
