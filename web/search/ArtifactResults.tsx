import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { Outcome } from '../outcomes/Outcome.tsx'
import { graphql } from '../gql/index.ts'
import type {
  ArtifactSearchQuery as Data,
  ArtifactSearchQueryVariables as Variables,
} from '../gql/graphql.ts'
import { Pager } from '../paging/Pager.tsx'
import { present } from '../present.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { Name } from '../ui/Name.tsx'

export const ArtifactSearchQuery = graphql(`
  query ArtifactSearch($sha256: Sha256!, $first: Int, $after: String, $last: Int, $before: String) {
    artifacts(sha256: $sha256, first: $first, after: $after, last: $last, before: $before) {
      edges {
        node {
          id
          path
          sizeBytes
          build {
            id
            uuid
            startedAt
            job {
              id
              name
            }
            platform {
              id
              name
            }
            ...BuildOutcome
          }
        }
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
  }
`)

const columns = [
  { name: 'Built' },
  { name: 'Job' },
  { name: 'Platform' },
  { name: 'File' },
  { name: 'Size', number: true },
  { name: 'Result' },
]

export function ArtifactResults({
  sha256,
  query,
}: {
  sha256: string
  query: PreloadedQueryRef<Data, Variables>
}) {
  const { edges, pageInfo, totalCount } = present(useReadQuery(query).data.artifacts)
  return (
    <>
      <h1>
        Files with this SHA-256 <span className="font-normal text-quiet tabular-nums">{totalCount}</span>
      </h1>
      <p className="mt-1 mb-3 break-all">
        <code className="text-quiet">{sha256}</code>
      </p>
      {edges.length > 0 ? (
        <Table label="Files with this SHA-256" columns={columns}>
          {edges.map(({ node: { id, path, sizeBytes, build } }) => (
            <Row key={id}>
              <Cell className="whitespace-nowrap">
                <Link to={paths.build(build.job.name, build.uuid)} {...rowLink}>
                  <RelativeTime at={build.startedAt} />
                </Link>
              </Cell>
              <Cell className="name">
                <Link to={paths.job(build.job.name)}>
                  <Name>{build.job.name}</Name>
                </Link>
              </Cell>
              <Cell className="name">
                <Link to={paths.platform(build.platform.name)}>
                  <Name>{build.platform.name}</Name>
                </Link>
              </Cell>
              <Cell className="whole-line wide:w-full">
                <code className="break-all">
                  <Name>{path}</Name>
                </code>
              </Cell>
              <Cell number>
                <ByteSize bytes={sizeBytes} />
              </Cell>
              <Cell>
                <Outcome of={build} />
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>No build of this site produced a file with this hash.</Empty>
      )}
      <Pager pageInfo={pageInfo} label="Pages of files" />
    </>
  )
}
