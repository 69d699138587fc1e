import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import { graphql } from '../gql/index.ts'
import type { WorkKind } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { present } from '../present.ts'
import { Empty } from '../ui/Notice.tsx'
import { countOf } from '../ui/signed.ts'
import { useMaySchedule } from './may-schedule.ts'
import { QueueTable } from './QueueTable.tsx'
import { ScheduleTable } from './ScheduleTable.tsx'
import { SchedulingHead } from './SchedulingHead.tsx'
import { SectionPolicies } from './SectionPolicies.tsx'
import { TemplateTable } from './TemplateTable.tsx'
import { useFresh } from './use-fresh.ts'

const AddScheduleButton = lazy(() => import('./AddScheduleButton.tsx'))

const SchedulePageQuery = graphql(`
  query SchedulePage($filter: ScheduleFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    schedules(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        jobName
        ...ScheduleRow
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
    queues(first: 20) {
      nodes {
        platformName
        ...QueueRow
      }
      totalCount
    }
    templates(first: 50) {
      nodes {
        ...TemplateRow
      }
    }
    sectionPolicies {
      ...SectionPolicyRow
    }
  }
`)

const kinds: Record<string, WorkKind> = { scripts: 'SCRIPT', packages: 'OPAM_PACKAGE' }
const kindFilter = {
  parameter: 'builds',
  label: 'Builds',
  options: [
    { value: 'scripts', label: 'scripts' },
    { value: 'packages', label: 'opam packages' },
  ],
}
const pausedFilter = {
  parameter: 'paused',
  label: 'Paused',
  options: [
    { value: 'yes', label: 'yes' },
    { value: 'no', label: 'no' },
  ],
}

export async function loadSchedulePage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const kind = search.get('builds') ?? ''
  const paused = search.get('paused')
  const filter = {
    kind: Object.hasOwn(kinds, kind) ? (kinds[kind] ?? null) : null,
    isPaused: paused === 'yes' ? true : paused === 'no' ? false : null,
  }
  return { query: await preload(client, SchedulePageQuery, { filter, ...readPage(search, 50) }) }
}

/** What is built and when, what waits for it, and by which templates. */
export function SchedulePage() {
  const { query } = useLoaded<typeof loadSchedulePage>()
  const data = useReadQuery(query).data
  const [search] = useSearchParams()
  const mayChange = useMaySchedule()
  useFresh()
  const [schedules, queues, templates] = [
    present(data.schedules),
    present(data.queues),
    present(data.templates),
  ]
  const isFiltered = search.has('builds') || search.has('paused')
  return (
    <>
      <SchedulingHead title="Schedule">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <BuildFilters filters={[kindFilter, pausedFilter]} />
          {mayChange && (
            <Suspense fallback={null}>
              <AddScheduleButton />
            </Suspense>
          )}
        </div>
      </SchedulingHead>
      <p className="mb-2 text-small text-quiet tabular-nums">{countOf(schedules.totalCount, 'job')}</p>
      {schedules.nodes.length > 0 ? (
        <ScheduleTable schedules={schedules.nodes} mayChange={mayChange} />
      ) : (
        <Empty>{isFiltered ? 'No schedule is like this.' : <NothingScheduled mayChange={mayChange} />}</Empty>
      )}
      <Pager pageInfo={schedules.pageInfo} label="Pages of schedules" backward="Previous" forward="Next" />

      <section className="mt-8" aria-labelledby="queues">
        <h2 id="queues" className="mb-2">
          Queues
        </h2>
        {queues.nodes.length > 0 ? (
          <QueueTable queues={queues.nodes} mayChange={mayChange} />
        ) : (
          <Empty>
            There is no queue. A platform has one as soon as a script is scheduled for it, or its first worker
            asks for something to build.
          </Empty>
        )}
        {queues.totalCount > queues.nodes.length && (
          <p className="mt-2 text-small text-quiet">
            {countOf(queues.totalCount - queues.nodes.length, 'more queue')} not shown:{' '}
            <code>hub queue list</code>
          </p>
        )}
      </section>

      <TemplateTable templates={templates.nodes} mayChange={mayChange} />
      <SectionPolicies policies={data.sectionPolicies} mayChange={mayChange} />
    </>
  )
}

function NothingScheduled({ mayChange }: { mayChange: boolean }) {
  return (
    <>
      Nothing is scheduled here: builds arrive from elsewhere.{' '}
      {mayChange
        ? 'Schedule a job with a script, or an opam package with the template of a platform; then start a worker.'
        : 'Who may schedule signs in, or uses'}{' '}
      {!mayChange && (
        <>
          <code>hub schedule add</code>.
        </>
      )}
    </>
  )
}
