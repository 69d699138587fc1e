import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { describeFeed } from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import type { BuildOrder, JobBuildsQuery as Builds } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { type FeedFilter, paths } from '../paths.ts'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { Empty } from '../ui/Notice.tsx'

export const JobBuildsQuery = graphql(`
  query JobBuilds(
    $name: String!
    $platform: String
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
    job(name: $name) {
      id
      builds(
        platform: $platform
        status: $status
        verdict: $verdict
        isDisputed: $isDisputed
        since: $since
        until: $until
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
  }
`)

/** A job's builds one by one. */
export function JobBuilds(props: {
  job: string
  order: BuildOrder
  query: PreloadedQueryRef<Builds>
  /** What the list leaves out. */
  feed: FeedFilter
}) {
  const { job, order, query, feed } = props
  const builds = useReadQuery(query).data.job?.builds
  if (!builds) return null
  return (
    <>
      {builds.edges.length > 0 ? (
        <>
          <p className="flex flex-wrap items-center gap-x-4 text-small text-quiet tabular-nums">
            {builds.totalCount.toLocaleString('en-US')} {builds.totalCount === 1 ? 'build' : 'builds'}
            <ExportLinks list="builds" filter={{ ...feed, job }} of={describeFeed(feed, job)} />
          </p>
          <BuildTable
            label={`Builds of ${job}`}
            builds={builds.edges.map(({ node }) => node)}
            leaveOut="job"
            order={order}
          />
        </>
      ) : (
        <Empty>
          No build fits. <Link to={`${paths.job(job)}?view=builds`}>Show all builds</Link>
        </Empty>
      )}
      <Pager pageInfo={builds.pageInfo} label="Pages of builds" of={{ count: builds.totalCount, size: 20 }} />
    </>
  )
}
