import type { MouseEvent } from 'react'
import { Outlet } from 'react-router'

/** What surrounds a picture on a page of its own: nothing, so that it fits into a frame of another site. */
export function VizLayout() {
  return (
    <main
      className="mx-auto flex min-h-dvh w-full max-w-[75rem] flex-col px-4 pt-3 pb-5"
      onClickCapture={leaveFrame}
    >
      <Outlet />
    </main>
  )
}

/** Other pages are not shown within another site's page (see `frame-ancestors`): links take its place. */
function leaveFrame(event: MouseEvent): void {
  if (window.top === window.self || !(event.target instanceof Element)) return
  const link = event.target.closest('a')
  if (!link || link.target || link.pathname === location.pathname) return
  link.target = '_top'
  event.stopPropagation()
}
