import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router'
import { Header } from './Header.tsx'
import { useShortcuts } from './shortcuts.ts'
import { useSectionInAddress } from './use-section-in-address.ts'

const Footer = lazy(() => import('./Footer.tsx'))
const ShortcutsDialog = lazy(() => import('./ShortcutsDialog.tsx'))

/** The frame of every page: the header, the content, and the dialog with the keyboard shortcuts. */
export function Layout() {
  const [showsShortcuts, setShowsShortcuts] = useState(false)
  const showShortcuts = useCallback(() => setShowsShortcuts(true), [])
  useShortcuts(showShortcuts)
  const main = useFocusOnNewPage()
  useSectionInAddress(main)
  const loading = useNavigation().state !== 'idle'

  return (
    <div className="app flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-20 rounded-md bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Header showShortcuts={showShortcuts} />
      {loading && (
        <div role="status" className="appear-late fixed inset-x-0 top-0 z-20 h-0.5 bg-accent">
          <span className="sr-only">Loading</span>
        </div>
      )}
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        aria-busy={loading}
        className="mx-auto flex min-h-[calc(100dvh-3rem)] w-full max-w-[75rem] flex-1 flex-col px-4 pt-5 pb-16"
      >
        <Outlet />
      </main>
      <footer className="border-t border-line">
        <div className="mx-auto flex min-h-12 max-w-[75rem] flex-wrap items-center gap-x-6 gap-y-1 px-4 py-3 text-small text-quiet">
          <Suspense fallback={null}>
            <Footer />
          </Suspense>
        </div>
      </footer>
      {showsShortcuts && (
        <Suspense fallback={null}>
          <ShortcutsDialog onClose={() => setShowsShortcuts(false)} />
        </Suspense>
      )}
      <ScrollRestoration />
    </div>
  )
}

/** After going to another page the focus starts at its content, as it would after a full load. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return main
}
