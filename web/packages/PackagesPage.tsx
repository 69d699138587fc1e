import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters, type Filter } from '../builds/BuildFilters.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { ecosystemNames } from './ecosystem-names.ts'
import { TextFilter } from './TextFilter.tsx'

const PackagesPageQuery = graphql(`
  query PackagesPage(
    $ecosystem: String
    $search: String
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    packages(
      ecosystem: $ecosystem
      search: $search
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      nodes {
        ecosystem
        name
        newestVersion
        versionCount
        jobCount
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
  }
`)

export async function loadPackagesPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const variables = {
    ...{ ecosystem: search.get('ecosystem'), search: search.get('name') },
    ...readPage(search, 50),
  }
  return { query: await preload(client, PackagesPageQuery, variables) }
}

const ecosystemFilter: Filter = {
  parameter: 'ecosystem',
  label: 'From',
  options: Object.entries(ecosystemNames).map(([value, label]) => ({ value, label })),
}

const columns = [
  { name: 'Package' },
  { name: 'From' },
  { name: 'Newest version here' },
  { name: 'Versions', number: true },
  { name: 'Jobs that have it now', number: true },
]

/** Every package that builds have, or had: the way to who has it. */
export function PackagesPage() {
  const { query } = useLoaded<typeof loadPackagesPage>()
  const { nodes, pageInfo, totalCount } = present(useReadQuery(query).data.packages)
  const [search] = useSearchParams()
  return (
    <>
      <PageTitle>Packages · Builder Hub</PageTitle>
      <h1 className="mb-1">
        Packages{' '}
        <span className="font-normal text-quiet tabular-nums">{totalCount.toLocaleString('en-US')}</span>
      </h1>
      <p className="mb-3 max-w-[45rem] text-quiet">
        What the builds of this site are made of: packages that opam installed, and those that unikernels
        vendor.
      </p>
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <TextFilter parameter="name" label="Name" placeholder="mirage-crypto" />
        <BuildFilters filters={[ecosystemFilter]} />
      </div>
      {nodes.length > 0 ? (
        <Table label="Packages" columns={columns}>
          {nodes.map(({ ecosystem, name, newestVersion, versionCount, jobCount }) => (
            <Row key={`${ecosystem} ${name}`}>
              <Cell className="name whole-line wide:w-full">
                <Link to={paths.package(ecosystem, name)} className="font-semibold" {...rowLink}>
                  <Name>{name}</Name>
                </Link>
              </Cell>
              <Cell className="text-quiet">{ecosystemNames[ecosystem] ?? ecosystem}</Cell>
              <Cell className="wrap-anywhere">
                <Name>{newestVersion}</Name>
              </Cell>
              <Cell number>
                {versionCount.toLocaleString('en-US')}
                <span className="wide:hidden"> {versionCount === 1 ? 'version' : 'versions'}</span>
              </Cell>
              <Cell number className="to-the-end">
                {jobCount.toLocaleString('en-US')}
                <span className="wide:hidden"> {jobCount === 1 ? 'job' : 'jobs'}</span>
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>
          {search.size > 0
            ? 'No package is like this.'
            : 'No packages are known yet: they are read from the artifact opam-switch of builds.'}
        </Empty>
      )}
      <Pager pageInfo={pageInfo} label="Pages of packages" backward="Previous" forward="Next" />
    </>
  )
}
