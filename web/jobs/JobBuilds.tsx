import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { BuildTable } from '../builds/BuildTable.tsx'
import type { BuildOrder, JobBuildsQuery as Builds } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'

export const JobBuildsQuery = graphql(`
  query JobBuilds(
    $name: String!
    $platform: String
    $status: BuildStatus
    $verdict: Verdict
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
export function JobBuilds(props: { job: string; order: BuildOrder; query: PreloadedQueryRef<Builds> }) {
  const { job, order, query } = props
  const builds = useReadQuery(query).data.job?.builds
  if (!builds) return null
  return (
    <>
      {builds.edges.length > 0 ? (
        <>
          <p className="text-small text-quiet tabular-nums">
            {builds.totalCount.toLocaleString('en-US')} {builds.totalCount === 1 ? 'build' : 'builds'}
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
      <Pager pageInfo={builds.pageInfo} label="Pages of builds" />
    </>
  )
}
