import { lazy, Suspense, useState } from 'react'
import { Form, Link, NavLink, useLocation, useSearchParams } from 'react-router'
import { UserMenu } from '../account/UserMenu.tsx'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { ThemeToggle } from './ThemeToggle.tsx'

const navClass = ({ isActive }: { isActive: boolean }) =>
  `py-1 text-small ${isActive ? 'text-text underline decoration-accent decoration-2 underline-offset-8' : 'text-quiet'}`

const Suggestions = lazy(() => import('../search/Suggestions.tsx'))

/** What the schedule is the way to. */
const schedulingPages = /^\/(runs|workers|template)(\/|$)/

export function Header({ showShortcuts }: { showShortcuts: () => void }) {
  const [search] = useSearchParams()
  const query = search.get('q') ?? ''
  const [input, setInput] = useState<HTMLInputElement | null>(null)
  const { pathname } = useLocation()
  const isScheduling = schedulingPages.test(pathname)
  const isPackage = pathname.startsWith('/package/')
  return (
    <header className="border-b border-line">
      {/* On a narrow screen the links have the second line to themselves. */}
      <div className="mx-auto flex max-w-[75rem] flex-wrap items-center gap-x-5 gap-y-2 px-4 py-2.5 narrow:gap-x-3">
        <Link to={paths.home} className="flex items-center gap-2 font-semibold text-text">
          <img src="/icon.svg" alt="" width="20" height="20" />
          <span className="narrow:sr-only">Builder Hub</span>
        </Link>
        <nav
          aria-label="Site"
          className="flex flex-wrap gap-x-4 narrow:order-1 narrow:basis-full narrow:justify-between narrow:gap-x-2"
        >
          <NavLink to={paths.allBuilds} className={navClass}>
            All jobs
          </NavLink>
          <NavLink to={paths.failedBuilds} className={navClass}>
            Failed<span className="narrow:sr-only"> builds</span>
          </NavLink>
          <NavLink to={paths.platforms} className={navClass}>
            Platforms
          </NavLink>
          <NavLink
            to={paths.packages}
            className={({ isActive }) => navClass({ isActive: isActive || isPackage })}
          >
            Packages
          </NavLink>
          <NavLink
            to={paths.schedule}
            className={({ isActive }) => navClass({ isActive: isActive || isScheduling })}
          >
            Schedule
          </NavLink>
        </nav>
        <Form role="search" action="/search" className="relative ml-auto min-w-0 flex-1 wide:max-w-[26rem]">
          <label htmlFor="site-search" className="sr-only">
            Search jobs, packages, builds, files, or a SHA-256
          </label>
          <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-quiet" />
          <input
            // A search from another place replaces the text of this field.
            key={query}
            id="site-search"
            name="q"
            type="search"
            role="combobox"
            aria-expanded="false"
            aria-autocomplete="list"
            onFocus={(event) => setInput(event.target)}
            defaultValue={query}
            placeholder="jobs, packages, hashes …"
            autoComplete="off"
            spellCheck={false}
            className="h-8 w-full rounded-md border border-line-strong bg-surface pr-9 pl-8 text-small placeholder:text-quiet"
          />
          <kbd
            aria-hidden="true"
            className="pointer-events-none absolute top-1.5 right-2 border-line text-quiet narrow:hidden"
          >
            /
          </kbd>
          {input && (
            <Suspense fallback={null}>
              <Suggestions key={query} input={input} />
            </Suspense>
          )}
        </Form>
        <div className="flex items-center gap-1">
          <button
            type="button"
            className="icon-button narrow:hidden"
            onClick={showShortcuts}
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
          >
            <span aria-hidden="true" className="font-semibold">
              ?
            </span>
          </button>
          <ThemeToggle />
          <UserMenu />
        </div>
      </div>
    </header>
  )
}
