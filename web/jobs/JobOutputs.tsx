import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link, useSearchParams } from 'react-router'
import type { JobOutputsQuery as Outputs } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { OutputGroups } from './OutputGroups.tsx'

export const JobOutputsQuery = graphql(`
  query JobOutputs(
    $name: String!
    $platform: String
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    job(name: $name) {
      id
      outputs(platform: $platform, first: $first, after: $after, last: $last, before: $before) {
        edges {
          node {
            ...OutputGroup
          }
        }
        pageInfo {
          ...Pager
        }
      }
    }
  }
`)

/** A job's builds grouped by what they gave. */
export function JobOutputs({ job, query }: { job: string; query: PreloadedQueryRef<Outputs> }) {
  const [search] = useSearchParams()
  const outputs = useReadQuery(query).data.job?.outputs
  if (!outputs) return null
  return (
    <>
      {outputs.edges.length > 0 ? (
        <OutputGroups
          job={job}
          outputs={outputs.edges.map(({ node }) => node)}
          isFirstPage={!search.has('after') && !search.has('before')}
        />
      ) : (
        <Empty>
          No build gave a main binary yet. <Link to={`${paths.job(job)}?view=builds`}>Show all builds</Link>
        </Empty>
      )}
      <Pager pageInfo={outputs.pageInfo} label="Pages of outputs" />
    </>
  )
}
