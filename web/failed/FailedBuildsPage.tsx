import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import {
  BuildFilters,
  describeFeed,
  orderFilter,
  platformFilter,
  readFeedFilter,
  readOrder,
} from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import { SharedCauses } from '../bisect/SharedCauses.tsx'
import { readDays, toInstants } from '../ui/day-filter.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { FeedLink } from '../ui/FeedLink.tsx'
import { IncidentList } from './IncidentList.tsx'
import { Empty } from '../ui/Notice.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { PageTitle } from '../ui/PageTitle.tsx'

const FailedBuildsPageQuery = graphql(`
  query FailedBuildsPage(
    $platform: String
    $since: DateTime
    $until: DateTime
    $order: BuildOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
    $fixedSince: DateTime!
    $withIncidents: Boolean!
  ) {
    incidents(platform: $platform) @include(if: $withIncidents) {
      ...Incident
    }
    fixedIncidents(platform: $platform, since: $fixedSince) @include(if: $withIncidents) {
      ...Incident
    }
    brokenTogether @include(if: $withIncidents) {
      ...SharedCauses
    }
    platforms(first: 100) {
      nodes {
        id
        name
      }
    }
    builds(
      filter: { status: FAILED, platform: $platform, since: $since, until: $until }
      order: $order
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      edges {
        node {
          id
          ...BuildTableRow
        }
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
  }
`)

/** Incidents that ended in these days are shown. */
const fixedDays = 30

/** The same all day, so that the answer can be kept. */
const startOfDay = (daysAgo: number) =>
  new Date(Math.floor(Date.now() / 86_400_000 - daysAgo) * 86_400_000).toISOString()

export async function loadFailedBuildsPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const platform = search.get('platform') || null
  const order = readOrder(search)
  const { since, until } = toInstants(readDays(search))
  // Days and pages are those of the list of builds.
  const withIncidents = !['since', 'until', 'after', 'before', 'order'].some((name) => search.has(name))
  const variables = {
    ...{ platform, since, until, order, ...readPage(search, 50) },
    ...{ withIncidents, fixedSince: startOfDay(fixedDays) },
  }
  return {
    platform,
    feed: { ...readFeedFilter(search), status: 'failed' as const },
    order,
    isNarrowed: since !== null || until !== null,
    query: await preload(client, FailedBuildsPageQuery, variables),
  }
}

export function FailedBuildsPage() {
  const { platform, feed, order, isNarrowed, query } = useLoaded<typeof loadFailedBuildsPage>()
  const { data } = useReadQuery(query)
  const [builds, platforms] = [present(data.builds), present(data.platforms)]
  return (
    <>
      <PageTitle>Failed builds · Builder Hub</PageTitle>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1>
          Failed builds{' '}
          <span className="font-normal text-quiet tabular-nums">
            {builds.totalCount.toLocaleString('en-US')}
          </span>
        </h1>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <FeedLink to={paths.feed(feed)} of={describeFeed(feed)} />
          <ExportLinks list="builds" filter={feed} of={describeFeed(feed)} />
          <BuildFilters
            filters={[platformFilter(platforms.nodes.map(({ name }) => name)), orderFilter]}
            hasDays
          />
        </div>
      </div>
      {data.incidents && data.incidents.length > 0 && (
        <IncidentList id="failing" title="Failing now" incidents={data.incidents} />
      )}
      {data.brokenTogether && data.brokenTogether.length > 0 && (
        <section aria-labelledby="together" className="mb-8">
          <h2 id="together" className="mb-1">
            Broke together{' '}
            <span className="font-normal text-quiet tabular-nums">{data.brokenTogether.length}</span>
          </h2>
          <SharedCauses groups={data.brokenTogether} />
        </section>
      )}
      {data.fixedIncidents && data.fixedIncidents.length > 0 && (
        <IncidentList
          id="fixed"
          title={`Fixed in the last ${fixedDays} days`}
          incidents={data.fixedIncidents}
        />
      )}
      {data.incidents && <h2 className="mb-1">All failed builds</h2>}
      {builds.edges.length > 0 ? (
        <BuildTable label="Failed builds" builds={builds.edges.map(({ node }) => node)} order={order} />
      ) : (
        <Empty>
          {platform ? `No build on ${visibleName(platform)} has failed` : 'No build has failed'}
          {isNarrowed ? ' in these days' : ''}.
        </Empty>
      )}
      <Pager
        pageInfo={builds.pageInfo}
        label="Pages of failed builds"
        of={{ count: builds.totalCount, size: 50 }}
      />
    </>
  )
}
