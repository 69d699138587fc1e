import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import { Outcome } from '../outcomes/Outcome.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Name } from '../ui/Name.tsx'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'

const PlatformsPageQuery = graphql(`
  query PlatformsPage($first: Int, $after: String, $last: Int, $before: String) {
    platforms(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        name
        builds(first: 1) {
          totalCount
          edges {
            node {
              id
              uuid
              startedAt
              job {
                id
                name
              }
              ...BuildOutcome
            }
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

export async function loadPlatformsPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const page = readPage(new URL(request.url).searchParams, 50)
  return { query: await preload(client, PlatformsPageQuery, page) }
}

const columns = [
  { name: 'Platform' },
  { name: 'Newest build' },
  { name: 'Job' },
  { name: 'Result' },
  { name: 'Builds', number: true },
]

/** Every platform with its newest build: the way to what was built on each. */
export function PlatformsPage() {
  const { query } = useLoaded<typeof loadPlatformsPage>()
  const { nodes, pageInfo, totalCount } = present(useReadQuery(query).data.platforms)
  return (
    <>
      <PageTitle>Platforms · Builder Hub</PageTitle>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4">
        <h1>
          Platforms{' '}
          <span className="font-normal text-quiet tabular-nums">{totalCount.toLocaleString('en-US')}</span>
        </h1>
        <ExportLinks list="platforms" of="platforms" />
      </div>
      {nodes.length > 0 ? (
        <Table label="Platforms" columns={columns}>
          {nodes.map(({ id, name, builds }) => {
            const newest = builds.edges[0]?.node
            return (
              <Row key={id}>
                <Cell className="name whole-line">
                  <Link to={paths.platform(name)} className="font-semibold" {...rowLink}>
                    <Name>{name}</Name>
                  </Link>
                </Cell>
                <Cell className="whitespace-nowrap">
                  {newest && (
                    <Link to={paths.build(newest.job.name, newest.uuid)}>
                      <RelativeTime at={newest.startedAt} />
                    </Link>
                  )}
                </Cell>
                <Cell className="name">
                  {newest && (
                    <Link to={paths.job(newest.job.name)}>
                      <Name>{newest.job.name}</Name>
                    </Link>
                  )}
                </Cell>
                <Cell className="wide:w-full">{newest && <Outcome of={newest} />}</Cell>
                <Cell number>
                  {builds.totalCount.toLocaleString('en-US')}
                  <span className="wide:hidden"> {builds.totalCount === 1 ? 'build' : 'builds'}</span>
                </Cell>
              </Row>
            )
          })}
        </Table>
      ) : (
        <Empty>No build has arrived yet, so there is no platform.</Empty>
      )}
      <Pager
        pageInfo={pageInfo}
        label="Pages of platforms"
        backward="Previous"
        forward="Next"
        of={{ count: totalCount, size: 50 }}
      />
    </>
  )
}
