import { type PreloadedQueryRef, useQuery, useReadQuery } from '@apollo/client/react'
import { Link, useSearchParams } from 'react-router'
import type { JobOutputsQuery as Outputs, JobOutputsQueryVariables as Page } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { visibleName } from '../ui/visible-text.ts'
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

const JobOutputChangesQuery = graphql(`
  query JobOutputChanges(
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
        nodes {
          sha256
          change {
            summary {
              headline
            }
          }
        }
      }
    }
  }
`)

/** A job's builds grouped by what they gave. `page`: what `query` was asked for. */
export function JobOutputs(props: { job: string; page: Page; query: PreloadedQueryRef<Outputs> }) {
  const { job, page, query } = props
  const [search] = useSearchParams()
  const outputs = useReadQuery(query).data.job?.outputs
  const headlines = useHeadlines(page, (outputs?.edges.length ?? 0) < 2)
  if (!outputs) return null
  return (
    <>
      {outputs.edges.length > 0 ? (
        <OutputGroups
          job={job}
          outputs={outputs.edges.map(({ node }) => node)}
          headlines={headlines}
          isFirstPage={!search.has('after') && !search.has('before')}
        />
      ) : (
        <Empty>
          No build gave a main binary yet. <Link to={`${paths.job(job)}?view=builds`}>Show all builds</Link>
        </Empty>
      )}
      <p className="flex border-t border-line pt-2">
        <ExportLinks
          list="outputs"
          filter={{ job, platform: page.platform ?? null }}
          of={`outputs of ${visibleName(job)}`}
        />
      </p>
      <Pager pageInfo={outputs.pageInfo} label="Pages of outputs" />
    </>
  )
}

/**
 * What is known of the changes between the outputs of a page. It is asked for once the page is there: each
 * comparison that nobody looked at before takes the server a while. Without an answer there are no words.
 */
function useHeadlines(page: Page, isNone: boolean): ReadonlyMap<string, string> {
  const { data } = useQuery(JobOutputChangesQuery, {
    variables: page,
    skip: isNone,
    fetchPolicy: 'cache-and-network',
    errorPolicy: 'all',
  })
  const nodes = data?.job?.outputs.nodes ?? []
  return new Map(
    nodes.flatMap(({ sha256, change }) => (change ? [[sha256, change.summary.headline] as const] : [])),
  )
}
