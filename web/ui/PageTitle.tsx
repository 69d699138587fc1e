import { useLayoutEffect } from 'react'

/**
 * The title of the window. It takes the place of the one that the server wrote: an element of its own would
 * be a second one.
 */
export function PageTitle({ children }: { children: string }) {
  useLayoutEffect(() => {
    document.title = children
  }, [children])
  return null
}
