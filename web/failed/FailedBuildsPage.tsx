import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters, platformFilter } from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { present } from '../present.ts'
import { Pager } from '../paging/Pager.tsx'
import { Empty } from '../ui/Notice.tsx'
import { visibleName } from '../ui/visible-text.ts'

const FailedBuildsPageQuery = graphql(`
  query FailedBuildsPage($platform: String, $first: Int, $after: String, $last: Int, $before: String) {
    platforms {
      id
      name
    }
    builds(
      filter: { status: FAILED, platform: $platform }
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
  return {
    platform,
    query: await preload(client, FailedBuildsPageQuery, { platform, ...readPage(search, 50) }),
  }
}

export function FailedBuildsPage() {
  const { platform, query } = useLoaded<typeof loadFailedBuildsPage>()
  const { data } = useReadQuery(query)
  const [builds, platforms] = [present(data.builds), present(data.platforms)]
  return (
    <>
      <title>Failed builds · Builder Hub</title>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1>
          Failed builds{' '}
          <span className="font-normal text-quiet tabular-nums">
            {builds.totalCount.toLocaleString('en-US')}
          </span>
        </h1>
        <BuildFilters filters={[platformFilter(platforms.map(({ name }) => name))]} />
      </div>
      {builds.edges.length > 0 ? (
        <BuildTable label="Failed builds" builds={builds.edges.map(({ node }) => node)} />
      ) : (
        <Empty>
          {platform ? `No build on ${visibleName(platform)} has failed.` : 'No build has failed.'}
        </Empty>
      )}
      <Pager pageInfo={builds.pageInfo} label="Pages of failed builds" />
    </>
  )
}
