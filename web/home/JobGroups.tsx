import { startTransition, useEffect, useState } from 'react'
import { type Column } from '../ui/Table.tsx'
import { JobRow } from './JobRow.tsx'
import { firstRows, groupJobs, type OverviewJob, type View } from './overview.ts'
import { isUnikernelSection } from './sections.ts'

const columns: (Column & { width: string })[] = [
  { name: 'Job', width: 'w-[26%]' },
  { name: 'Runs on', width: 'w-[14%]' },
  { name: 'Version', width: 'w-[8%]' },
  { name: 'Size', width: 'w-[7%]', number: true },
  { name: 'Sizes over time', width: 'w-[7%]', hidden: true },
  { name: 'Confirmed', width: 'w-[14%]' },
  { name: 'Platforms', width: '' },
  { name: 'Download', width: 'w-8', hidden: true },
]

/** So many rows are drawn at once; more follow while nothing else is to do. */
const rowsAtOnce = 100

/** What was drawn before: who comes back finds the page as long as it was, and the place in it. */
let drawnBefore = rowsAtOnce

/** The jobs under their headings. A long list is drawn piece by piece. */
export function JobGroups({ jobs, view }: { jobs: readonly OverviewJob[]; view: View }) {
  const groups = groupJobs(jobs, view)
  const count = groups.reduce((sum, [, members]) => sum + members.length, 0)
  const [drawn, setDrawn] = useState(drawnBefore)
  useEffect(() => {
    if (drawn >= count) return
    const timer = setTimeout(() =>
      startTransition(() =>
        setDrawn((before) => {
          drawnBefore = Math.max(drawnBefore, before + rowsAtOnce)
          return before + rowsAtOnce
        }),
      ),
    )
    return () => clearTimeout(timer)
  }, [drawn, count])

  const explained = groups.find(([heading]) => isUnikernelSection(heading))?.[0]
  return firstRows(groups, drawn).map(([heading, members]) => {
    return (
      <section key={heading} className="mt-8" aria-label={heading}>
        <div className="mb-1 flex flex-wrap items-baseline gap-x-6">
          <h2>{heading}</h2>
          {heading === explained && (
            <p className="text-small text-quiet">
              They run wherever their target runs: the platform that built them does not matter.
            </p>
          )}
        </div>
        <table
          role="table"
          aria-label={`Jobs: ${heading}`}
          className="table many-columns jobs roomy:table-fixed"
        >
          <thead role="rowgroup">
            <tr role="row">
              {columns.map(({ name, width, number, hidden }) => (
                <th
                  key={name}
                  role="columnheader"
                  scope="col"
                  className={`${width} ${number ? 'number' : ''}`}
                >
                  <span className={hidden ? 'sr-only' : ''}>{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {members.map((job) => (
              <JobRow key={job.name} job={job} />
            ))}
          </tbody>
        </table>
      </section>
    )
  })
}
