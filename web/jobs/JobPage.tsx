import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs, Link } from 'react-router'
import { preload } from '../apollo.ts'
import { BuildFilters, platformFilter, readStatus, statusFilter } from '../builds/BuildFilters.tsx'
import { BuildTable } from '../builds/BuildTable.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { NotFound } from '../shell/NotFound.tsx'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Readme } from './Readme.tsx'

const JobPageQuery = graphql(`
  query JobPage(
    $name: String!
    $platform: String
    $status: BuildStatus
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    job(name: $name) {
      id
      name
      section
      synopsis
      description
      readme {
        html
      }
      platforms {
        id
        name
      }
      builds(
        platform: $platform
        status: $status
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

/** `only`: the status that the address fixes, whatever its query says. */
export async function loadJobPage(
  client: ApolloClient,
  { request, params }: LoaderFunctionArgs,
  only?: 'FAILED',
) {
  const search = new URL(request.url).searchParams
  const name = params['job'] ?? ''
  const query = await preload(client, JobPageQuery, {
    name,
    platform: search.get('platform') || null,
    status: only ?? readStatus(search) ?? null,
    ...readPage(search, 20),
  })
  return { name, only, query }
}

export function JobPage() {
  const { name, only, query } = useLoaded<typeof loadJobPage>()
  const { job } = useReadQuery(query).data
  if (!job) return <NotFound what={`There is no job “${name}”.`} />
  const { edges, pageInfo, totalCount } = job.builds
  const platforms = platformFilter(job.platforms.map((platform) => platform.name))
  return (
    <>
      <title>{`${job.name} · Builder Hub`}</title>
      <Breadcrumb trail={[{ to: paths.home, label: 'Jobs' }]} here={job.section} />
      <h1>{job.name}</h1>
      {job.synopsis && <p className="text-quiet">{job.synopsis}</p>}
      {job.description && <p className="mt-2 max-w-[75ch] whitespace-pre-line">{job.description}</p>}

      <section aria-labelledby="builds" className="mt-6">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <h2 id="builds">
            {only ? 'Failed builds' : 'Builds'}{' '}
            <span className="font-normal text-quiet tabular-nums">{totalCount.toLocaleString('en-US')}</span>
          </h2>
          <BuildFilters filters={only ? [platforms] : [platforms, statusFilter]} />
        </div>
        {edges.length > 0 ? (
          <BuildTable label={`Builds of ${job.name}`} builds={edges.map(({ node }) => node)} leaveOut="job" />
        ) : (
          <Empty>
            No build fits. <Link to={paths.job(job.name)}>Show all builds</Link>
          </Empty>
        )}
        <Pager pageInfo={pageInfo} label="Pages of builds" />
      </section>

      {job.readme && <Readme html={job.readme.html} />}
    </>
  )
}
