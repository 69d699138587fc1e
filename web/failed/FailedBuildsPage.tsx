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
import { readDays, toInstants } from '../ui/day-filter.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { FeedLink } from '../ui/FeedLink.tsx'
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
  ) {
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

export async function loadFailedBuildsPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const platform = search.get('platform') || null
  const order = readOrder(search)
  const { since, until } = toInstants(readDays(search))
  const variables = { platform, since, until, order, ...readPage(search, 50) }
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
          <BuildFilters
            filters={[platformFilter(platforms.nodes.map(({ name }) => name)), orderFilter]}
            hasDays
          />
        </div>
      </div>
      {builds.edges.length > 0 ? (
        <BuildTable label="Failed builds" builds={builds.edges.map(({ node }) => node)} order={order} />
      ) : (
        <Empty>
          {platform ? `No build on ${visibleName(platform)} has failed` : 'No build has failed'}
          {isNarrowed ? ' in these days' : ''}.
        </Empty>
      )}
      <Pager pageInfo={builds.pageInfo} label="Pages of failed builds" />
    </>
  )
}
