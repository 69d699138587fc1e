import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs } from 'react-router'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import {
  BuildFilters,
  describeFeed,
  readFeedFilter,
  orderFilter,
  readOrder,
  readStatus,
  readVerdict,
  statusFilter,
  verdictFilter,
} from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import { readDays, toInstants } from '../ui/day-filter.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { FeedLink } from '../ui/FeedLink.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { PageTitle } from '../ui/PageTitle.tsx'

const PlatformPageQuery = graphql(`
  query PlatformPage(
    $name: String!
    $status: BuildStatus
    $verdict: Verdict
    $isDisputed: Boolean
    $since: DateTime
    $until: DateTime
    $order: BuildOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    platform(name: $name) {
      id
      name
    }
    builds(
      filter: {
        platform: $name
        status: $status
        verdict: $verdict
        isDisputed: $isDisputed
        since: $since
        until: $until
      }
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

export async function loadPlatformPage(client: ApolloClient, { request, params }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const name = readName(params['platform'])
  const status = readStatus(search) ?? null
  const order = readOrder(search)
  const variables = {
    name,
    status,
    order,
    ...readVerdict(search),
    ...toInstants(readDays(search)),
    ...readPage(search, 50),
  }
  const { platform: _any, ...feed } = readFeedFilter(search)
  return { name, feed, order, query: await preload(client, PlatformPageQuery, variables) }
}

export function PlatformPage() {
  const { name, feed, order, query } = useLoaded<typeof loadPlatformPage>()
  const { platform, builds } = useReadQuery(query).data
  if (!platform) return <NotFound what={`No build ran on a platform “${name}”.`} />
  const { edges, pageInfo, totalCount } = present(builds)
  return (
    <>
      <PageTitle>{`${visibleName(platform.name)} · Builder Hub`}</PageTitle>
      <Breadcrumb trail={[{ to: paths.platforms, label: 'Platforms' }]} here={platform.name} />
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="min-w-0 wrap-anywhere">
          <Name>{platform.name}</Name>{' '}
          <span className="font-normal text-quiet tabular-nums">
            {totalCount.toLocaleString('en-US')} {totalCount === 1 ? 'build' : 'builds'}
          </span>
        </h1>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <FeedLink
            to={paths.platformFeed(platform.name, feed)}
            of={describeFeed({ ...feed, platform: platform.name })}
          />
          <ExportLinks
            list="builds"
            filter={{ ...feed, platform: platform.name }}
            of={describeFeed({ ...feed, platform: platform.name })}
          />
          <BuildFilters filters={[statusFilter, verdictFilter, orderFilter]} hasDays />
        </div>
      </div>
      {edges.length > 0 ? (
        <BuildTable
          label={`Builds on ${platform.name}`}
          builds={edges.map(({ node }) => node)}
          leaveOut="platform"
          order={order}
        />
      ) : (
        <Empty>No build fits.</Empty>
      )}
      <Pager pageInfo={pageInfo} label="Pages of builds" of={{ count: totalCount, size: 50 }} />
    </>
  )
}
