import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters, readStatus, statusFilter } from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { FeedLink } from '../ui/FeedLink.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const PlatformPageQuery = graphql(`
  query PlatformPage(
    $name: String!
    $status: BuildStatus
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    platform(name: $name) {
      id
      name
      builds(status: $status, first: $first, after: $after, last: $last, before: $before) {
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
  }
`)

export async function loadPlatformPage(client: ApolloClient, { request, params }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const name = params['platform'] ?? ''
  const status = readStatus(search) ?? null
  return { name, query: await preload(client, PlatformPageQuery, { name, status, ...readPage(search, 50) }) }
}

export function PlatformPage() {
  const { name, query } = useLoaded<typeof loadPlatformPage>()
  const { platform } = useReadQuery(query).data
  if (!platform) return <NotFound what={`No build ran on a platform “${name}”.`} />
  const { edges, pageInfo, totalCount } = platform.builds
  return (
    <>
      <title>{`${visibleName(platform.name)} · Builder Hub`}</title>
      <Breadcrumb trail={[{ to: paths.home, label: 'Jobs' }]} here="Platforms" />
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1>
          <Name>{platform.name}</Name>{' '}
          <span className="font-normal text-quiet tabular-nums">
            {totalCount.toLocaleString('en-US')} builds
          </span>
        </h1>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <FeedLink to={paths.platformFeed(platform.name)} of={platform.name} />
          <BuildFilters filters={[statusFilter]} />
        </div>
      </div>
      {edges.length > 0 ? (
        <BuildTable
          label={`Builds on ${platform.name}`}
          builds={edges.map(({ node }) => node)}
          leaveOut="platform"
        />
      ) : (
        <Empty>No build fits.</Empty>
      )}
      <Pager pageInfo={pageInfo} label="Pages of builds" />
    </>
  )
}
