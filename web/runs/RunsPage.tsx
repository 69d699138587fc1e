import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters, platformFilter } from '../builds/BuildFilters.tsx'
import { graphql } from '../gql/index.ts'
import type { RunCause, RunState } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { SchedulingHead } from '../schedule/SchedulingHead.tsx'
import { useFresh } from '../schedule/use-fresh.ts'
import { Empty } from '../ui/Notice.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { RunTable } from './RunTable.tsx'
import { runCauses } from './run-words.ts'

const RunsPageQuery = graphql(`
  query RunsPage($filter: RunFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    runs(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        uuid
        ...RunRow
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
    queues(first: 100) {
      nodes {
        platformName
      }
    }
  }
`)

const states: Record<string, RunState[]> = {
  waiting: ['QUEUED'],
  'under way': ['ASSIGNED', 'RUNNING', 'UPLOADED'],
  done: ['DONE'],
  failed: ['FAILED', 'LOST'],
  cancelled: ['CANCELLED'],
}

const stateFilter = {
  parameter: 'state',
  label: 'State',
  options: Object.keys(states).map((value) => ({ value, label: value })),
}

const isCause = (text: string): text is RunCause => Object.hasOwn(runCauses, text)
const causeFilter = {
  parameter: 'cause',
  label: 'Why',
  options: Object.entries(runCauses).map(([cause, label]) => ({ value: cause.toLowerCase(), label })),
}

const filterNames = ['state', 'cause', 'platform', 'job', 'worker']

export async function loadRunsPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const state = search.get('state') ?? ''
  const cause = (search.get('cause') ?? '').toUpperCase()
  const filter = {
    states: Object.hasOwn(states, state) ? (states[state] ?? null) : null,
    causes: isCause(cause) ? [cause] : null,
    platform: search.get('platform') || null,
    job: search.get('job') || null,
    worker: search.get('worker') || null,
  }
  return { query: await preload(client, RunsPageQuery, { filter, ...readPage(search, 50) }) }
}

/** What was, is and will be built. */
export function RunsPage() {
  const { query } = useLoaded<typeof loadRunsPage>()
  const { runs, queues } = useReadQuery(query).data
  const [search] = useSearchParams()
  useFresh()
  const { nodes, pageInfo, totalCount } = present(runs)
  const chosen = (name: string) => {
    const value = search.get(name)
    return value ? [{ value, label: visibleName(value) }] : []
  }
  const isFiltered = filterNames.some((name) => search.has(name))
  return (
    <>
      <SchedulingHead title="Runs">
        <ExportLinks
          list="runs"
          filter={{ job: search.get('job'), platform: search.get('platform') }}
          of="runs"
        />
        <BuildFilters
          filters={[
            stateFilter,
            causeFilter,
            platformFilter(queues?.nodes.map(({ platformName }) => platformName) ?? []),
            ...(['job', 'worker'] as const).flatMap((parameter) =>
              search.has(parameter)
                ? [{ parameter, label: parameter === 'job' ? 'Job' : 'Worker', options: chosen(parameter) }]
                : [],
            ),
          ]}
        />
      </SchedulingHead>
      <p className="mb-2 text-small text-quiet tabular-nums">
        {totalCount.toLocaleString('en-US')} {totalCount === 1 ? 'run' : 'runs'}
      </p>
      {nodes.length > 0 ? (
        <RunTable runs={nodes} label="Runs" />
      ) : (
        <Empty>
          {isFiltered ? (
            'No run is like this.'
          ) : (
            <>
              Nothing was run yet. A run is one wish to build a job on a platform: the{' '}
              <Link to={paths.schedule}>schedule</Link> makes them, and{' '}
              <Link to={paths.workers}>workers</Link> execute them.
            </>
          )}
        </Empty>
      )}
      <Pager pageInfo={pageInfo} label="Pages of runs" />
    </>
  )
}
