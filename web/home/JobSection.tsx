import type { FragmentType } from '../gql/index.ts'
import { type Column } from '../ui/Table.tsx'
import { JobEntry, type JobEntryFragment } from './JobEntry.tsx'
import { isUnikernelSection } from './sections.ts'

const columns: (Column & { width: string })[] = [
  { name: 'Job', width: 'w-[28%]' },
  { name: 'Platform', width: 'w-[11%]' },
  { name: 'Newest build', width: 'w-[23%]' },
  { name: 'Main binary', width: 'w-[8%]', number: true },
  { name: 'SHA-256', width: '' },
  { name: 'Download', width: 'w-11', hidden: true },
  { name: 'Reproduced', width: 'w-[13%]' },
]

/** The jobs of one section, each with its newest build on every platform. */
export function JobSection(props: {
  name: string
  jobs: (FragmentType<typeof JobEntryFragment> & { id: string })[]
}) {
  const { name, jobs } = props
  return (
    <section className="mt-7" aria-label={name}>
      <div className="mb-1 flex flex-wrap items-baseline justify-between gap-x-6">
        <h2>{name}</h2>
        {isUnikernelSection(name) && (
          <p className="text-small text-quiet">
            A unikernel runs wherever its execution target does; the platform that it was built on does not
            matter.
          </p>
        )}
      </div>
      <table
        role="table"
        aria-label={`Newest builds: ${name}`}
        className="table many-columns roomy:table-fixed"
      >
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.name}
                role="columnheader"
                scope="col"
                className={`${column.width} ${column.number ? 'number' : ''}`}
              >
                <span className={column.hidden ? 'sr-only' : ''}>{column.name}</span>
              </th>
            ))}
          </tr>
        </thead>
        {jobs.map((job) => (
          <JobEntry key={job.id} job={job} />
        ))}
      </table>
    </section>
  )
}
