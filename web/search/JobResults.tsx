import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import type { JobSearchQuery as Data, JobSearchQueryVariables as Variables } from '../gql/graphql.ts'
import { Pager } from '../paging/Pager.tsx'
import { present } from '../present.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Empty } from '../ui/Notice.tsx'
import { countHashDigits } from './term.ts'
import { Name } from '../ui/Name.tsx'

export const JobSearchQuery = graphql(`
  query JobSearch($text: String!, $first: Int, $after: String, $last: Int, $before: String) {
    found: jobs(filter: { search: $text }, first: $first, after: $after, last: $last, before: $before) {
      edges {
        node {
          id
          name
          section
          synopsis
        }
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
  }
`)

export function JobResults({ text, query }: { text: string; query: PreloadedQueryRef<Data, Variables> }) {
  const { edges, pageInfo, totalCount } = present(useReadQuery(query).data.found)
  const digits = countHashDigits(text)
  return (
    <>
      <h1>
        Jobs with “{text}” <span className="font-normal text-quiet tabular-nums">{totalCount}</span>
      </h1>
      {digits !== null && digits !== 64 && (
        <p className="mt-1 text-quiet">
          To find a file by its SHA-256, type all 64 digits; this has {digits}.
        </p>
      )}
      {edges.length > 0 ? (
        <ul className="mt-3">
          {edges.map(({ node }) => (
            <li key={node.id} className="border-t border-line py-2 focus-within:bg-hover hover:bg-hover">
              <Link to={paths.job(node.name)} className="mr-3 font-semibold" {...rowLink}>
                <Name>{node.name}</Name>
              </Link>
              <span className="text-quiet">{node.synopsis ?? node.section}</span>
            </li>
          ))}
        </ul>
      ) : (
        <div className="mt-3">
          <Empty>
            No job’s name or synopsis contains it. <Link to={paths.allBuilds}>Show all jobs</Link>
          </Empty>
        </div>
      )}
      <Pager pageInfo={pageInfo} label="Pages of jobs" backward="Previous" forward="Next" />
    </>
  )
}
