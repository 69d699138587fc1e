import { useEffect, useState } from 'react'

/** Current width of the content of an element, in whole CSS pixels; 0 until it is known. */
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
