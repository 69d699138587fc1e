import type { ReactNode } from 'react'
import { Link, NavLink, useLocation } from 'react-router'
import { adminPaths } from '../paths.ts'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import type { LoadedAdmin } from './load-admin.ts'

const pages = [
  [adminPaths.overview, 'Overview'],
  [adminPaths.users, 'Users'],
  [adminPaths.tokens, 'Tokens'],
  [adminPaths.sessions, 'Sessions'],
  [adminPaths.jobs, 'Jobs'],
  [adminPaths.hooks, 'Hooks'],
  [adminPaths.webhooks, 'Webhooks'],
  [adminPaths.tasks, 'Tasks'],
  [adminPaths.retention, 'Retention'],
  [adminPaths.repositories, 'Repositories'],
  [adminPaths.audit, 'Audit log'],
  [adminPaths.configuration, 'Configuration'],
] as const

const linkClass = ({ isActive }: { isActive: boolean }) =>
  `block rounded-sm px-2 py-1 ${isActive ? 'bg-accent-soft font-semibold text-text' : 'text-text hover:bg-hover'}`

/**
 * A page of the administration: the ways to the others, and what it shows, for those who may see it. `command`: the same on the
 * command line.
 */
export function AdminFrame<Admin>(props: {
  title: string
  command: string
  loaded: LoadedAdmin<Admin>
  children: (admin: Admin) => ReactNode
}) {
  const { title, command, loaded, children } = props
  if ('refusal' in loaded) return <NotForYou isKnown={loaded.refusal === 'FORBIDDEN'} />
  return (
    <div className="flex gap-x-10 gap-y-4 narrow:flex-col">
      <PageTitle>{`${title} · Administration · Builder Hub`}</PageTitle>
      <nav aria-label="Administration" className="shrink-0 wide:w-36">
        <ul className="flex gap-x-1 gap-y-0.5 text-small wide:sticky wide:top-4 wide:-ml-2 wide:flex-col narrow:flex-wrap">
          {pages.map(([to, label]) => (
            <li key={to}>
              <NavLink to={to} end={to === adminPaths.overview} className={linkClass}>
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-w-0 flex-1">
        <h1 className="mb-3">{title}</h1>
        {children(loaded.admin)}
        <p className="mt-8 border-t border-line pt-3 text-small text-quiet">
          The same on the command line: <code className="wrap-anywhere">{command}</code>
        </p>
      </div>
    </div>
  )
}

function NotForYou({ isKnown }: { isKnown: boolean }) {
  const { pathname, search } = useLocation()
  return (
    <Notice title="Sign in as an administrator">
      <PageTitle>Administration · Builder Hub</PageTitle>
      <p>
        {isKnown
          ? 'You are signed in, but only administrators see this page.'
          : 'Only administrators see this page.'}
      </p>
      <p>
        <Link className="control control-main" to={`/login?next=${encodeURIComponent(pathname + search)}`}>
          Sign in
        </Link>
      </p>
      <p>
        Without an administrator yet: <code>hub user add NAME --role admin</code> on the machine of the
        server.
      </p>
    </Notice>
  )
}

/** A part of a page of the administration. */
export function AdminSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-8">
      <h2 className="mb-2 font-semibold">{title}</h2>
      {children}
    </section>
  )
}

/** Terms and what is known of them. */
export function Facts({ facts }: { facts: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="grid gap-x-6 gap-y-1 wide:grid-cols-[10rem_1fr]">
      {facts.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-quiet">{term}</dt>
          <dd className="narrow:mb-1">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
