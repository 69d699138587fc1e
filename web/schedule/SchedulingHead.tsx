import type { ReactNode } from 'react'
import { NavLink } from 'react-router'
import { paths } from '../paths.ts'
import { PageTitle } from '../ui/PageTitle.tsx'

const pages = [
  [paths.schedule, 'Schedule'],
  [paths.runs, 'Runs'],
  [paths.workers, 'Workers'],
] as const

/** The heading of a page about what is built and when, and the ways to the others. */
export function SchedulingHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <>
      <PageTitle>{`${title} · Builder Hub`}</PageTitle>
      <nav aria-label="Scheduling" className="mb-3 flex gap-5">
        {pages.map(([to, label]) => (
          <NavLink
            key={to}
            to={to}
            end
            className="py-1 aria-[current=page]:font-semibold aria-[current=page]:text-text"
          >
            {label}
          </NavLink>
        ))}
      </nav>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="min-w-0 wrap-anywhere">{title}</h1>
        {children}
      </div>
    </>
  )
}
