import type { ApolloClient } from '@apollo/client'
import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { maybeSignedIn } from '../account/signed-in.ts'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import {
  BuildFilters,
  readFeedFilter,
  orderFilter,
  platformFilter,
  readOrder,
  readStatus,
  readVerdict,
  statusFilter,
  verdictFilter,
} from '../builds/BuildFilters.tsx'
import { reloadsUnlessOnly } from '../charts/view-state.ts'
import { graphql } from '../gql/index.ts'
import type {
  BuildOrder,
  JobStripQuery as Strip,
  JobBuildsQuery as Builds,
  JobOutputsQuery as Outputs,
  JobOutputsQueryVariables as Page,
} from '../gql/graphql.ts'
import { HistorySection } from '../history/HistorySection.tsx'
import { useLoaded } from '../loaded.ts'
import { readPage, withParameters } from '../paging/page.ts'
import { noSection } from '../home/sections.ts'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { readDays, toInstants } from '../ui/day-filter.ts'
import { PageTitle } from '../ui/PageTitle.tsx'
import { JobSchedule, JobScheduleQuery } from '../schedule/JobSchedule.tsx'
import { BuildStrip, JobStripQuery } from './BuildStrip.tsx'
import { JobBuilds, JobBuildsQuery } from './JobBuilds.tsx'
import { JobCard, JobCardQuery } from './JobCard.tsx'
import { JobLinks } from './JobLinks.tsx'
import { JobOutputs, JobOutputsQuery } from './JobOutputs.tsx'
import { Readme } from './Readme.tsx'
import { RepositorySection } from './RepositorySection.tsx'
import { reflow } from './reflow.ts'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const SubscribeButton = lazy(() => import('../account/SubscribeButton.tsx'))
const JobActions = lazy(() => import('../admin/JobActions.tsx'))

const JobPageQuery = graphql(`
  query JobPage($name: String!) {
    job(name: $name) {
      id
      name
      section
      synopsis
      description
      readme {
        html
      }
      builds(first: 2) {
        edges {
          node {
            id
          }
        }
      }
      repositories {
        name
        fingerprints
        setup {
          title
          text
        }
      }
      platformCount
      standings {
        platform {
          id
          name
        }
        newestBuild {
          id
          uuid
          startedAt
          version
          mainBinary {
            id
            sha256
          }
          ...BuildOutcome
        }
        newestSuccess {
          id
          uuid
          startedAt
        }
      }
    }
  }
`)

type List =
  | { view: 'outputs'; page: Page; query: PreloadedQueryRef<Outputs> }
  | { view: 'builds'; order: BuildOrder; query: PreloadedQueryRef<Builds> }

/**
 * `only`: the status that the address fixes, whatever its query says. Builds are listed one by one
 * when the address asks for it, or filters what their outputs do not tell; else grouped by output.
 */
export async function loadJobPage(
  client: ApolloClient,
  { request, params }: LoaderFunctionArgs,
  only?: 'FAILED',
) {
  const search = new URL(request.url).searchParams
  const name = readName(params['job'])
  const platform = search.get('platform') || null
  const status = only ?? readStatus(search) ?? null
  const verdict = readVerdict(search)
  async function loadList(): Promise<List> {
    const page = { name, platform, ...readPage(search, 20) }
    const days = toInstants(readDays(search))
    const isNarrowed = status !== null || verdict !== undefined || days.since !== null || days.until !== null
    if (search.get('view') !== 'builds' && !isNarrowed)
      return { view: 'outputs', page, query: await preload(client, JobOutputsQuery, page) }
    const order = readOrder(search)
    return {
      view: 'builds',
      order,
      query: await preload(client, JobBuildsQuery, { ...page, ...days, status, ...verdict, order }),
    }
  }
  const [query, card, list, schedule, strip] = await Promise.all([
    preload(client, JobPageQuery, { name }),
    preload(client, JobCardQuery, { name, platform }),
    loadList(),
    preload(client, JobScheduleQuery, { job: name }),
    preload(client, JobStripQuery, { name, platform }),
  ])
  const feed = { ...readFeedFilter(search), ...(only && { status: 'failed' as const }) }
  return { name, only, platform, feed, query, card, list, schedule, strip }
}

/** How the chart is shown needs nothing from the server. */
export const shouldReloadJob = reloadsUnlessOnly('chart', 'history')

export function JobPage() {
  const { name, only, platform, feed, query, card, list, schedule, strip } = useLoaded<typeof loadJobPage>()
  const { job } = useReadQuery(query).data
  if (!job) return <NotFound what={`There is no job “${name}”.`} />
  const platforms = platformFilter(job.standings.map(({ platform }) => platform.name))
  return (
    <>
      <PageTitle>{`${visibleName(job.name)} · Builder Hub`}</PageTitle>
      <Breadcrumb trail={[{ to: paths.home, label: 'Jobs' }]} here={job.section ?? noSection} />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <h1 className="min-w-0 wrap-anywhere">
          <Name>{job.name}</Name>
        </h1>
        <JobLinks job={job.name} feed={feed} />
      </div>
      {job.synopsis && <p className="text-quiet">{job.synopsis}</p>}
      <JobCard job={job} query={card} />
      <JobSchedule job={job.name} query={schedule} />
      {maybeSignedIn() && (
        <Suspense fallback={null}>
          <SubscribeButton job={job.name} />
          <JobActions name={job.name} />
        </Suspense>
      )}
      {job.description && <p className="mt-2 max-w-[75ch] whitespace-pre-wrap">{reflow(job.description)}</p>}
      <section aria-label={only ? 'Failed builds' : 'Builds'} className="mt-6">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          {only ? <h2>Failed builds</h2> : <Views view={list.view} />}
          <BuildFilters
            filters={
              only
                ? [platforms, orderFilter]
                : list.view === 'outputs'
                  ? [platforms]
                  : [platforms, statusFilter, verdictFilter, orderFilter]
            }
            hasDays={list.view === 'builds'}
          />
        </div>
        {list.view === 'outputs' ? (
          <JobOutputs job={job.name} page={list.page} query={list.query} />
        ) : (
          <JobBuilds job={job.name} order={list.order} query={list.query} feed={feed} />
        )}
      </section>

      {!only && <JobStrip platform={platform} query={strip} />}

      {/* Below what the page is for: it is drawn last, and moves nothing that somebody may be about to press. */}
      {!only && (
        <HistorySection
          job={job.name}
          platform={platform}
          platformCount={job.builds.edges.length < 2 ? 0 : platform ? 1 : job.platformCount}
        />
      )}

      {!only && <RepositorySection repositories={job.repositories} />}

      {job.readme && <Readme html={job.readme.html} />}
    </>
  )
}

function JobStrip({ platform, query }: { platform: string | null; query: PreloadedQueryRef<Strip> }) {
  const { job } = useReadQuery(query).data
  return job && <BuildStrip job={job} platform={platform} />
}

/** Two ways to see a job's builds, each with an address. */
function Views({ view }: { view: List['view'] }) {
  const [search] = useSearchParams()
  const views = [
    { name: 'outputs', label: 'Releases', parameter: null },
    { name: 'builds', label: 'All builds', parameter: 'builds' },
  ]
  return (
    <nav aria-label="Ways to list the builds" className="flex gap-5">
      {views.map(({ name, label, parameter }) => (
        <Link
          key={name}
          to={{
            search: withParameters(search, {
              view: parameter,
              status: null,
              verdict: null,
              order: null,
              after: null,
              before: null,
            }),
          }}
          aria-current={view === name ? 'page' : undefined}
          className="py-1 aria-[current=page]:font-semibold aria-[current=page]:text-text"
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
