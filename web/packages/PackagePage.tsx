import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { withParameters } from '../paging/page.ts'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import type { PackagePageQuery as Loaded } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { Name } from '../ui/Name.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { UtcDay } from '../ui/UtcDay.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { ecosystemNames } from './ecosystem-names.ts'
import { UseSection } from './UseSection.tsx'
import { problemOfRange } from './version-range.ts'

const PackagePageQuery = graphql(`
  query PackagePage($ecosystem: String!, $name: String!, $version: String) {
    package(ecosystem: $ecosystem, name: $name) {
      ecosystem
      name
      newestVersion
      versions {
        version
        jobCount
        advisories
        firstBuild {
          uuid
          job
          startedAt
        }
        lastBuild {
          uuid
          job
          startedAt
        }
      }
      all: uses {
        totalCount
        behindCount
      }
      ...UseSection
    }
  }
`)

type Package = NonNullable<Loaded['package']>
type Version = Package['versions'][number]

export async function loadPackagePage(client: ApolloClient, { params, request }: LoaderFunctionArgs) {
  const key = { ecosystem: readName(params['ecosystem']), name: readName(params['name']) }
  const range = new URL(request.url).searchParams.get('version') ?? ''
  const problem = range === '' ? undefined : problemOfRange(range)
  const version = range === '' || problem !== undefined ? null : range
  return { ...key, problem, query: await preload(client, PackagePageQuery, { ...key, version }) }
}

/** A package: which versions were built with when, and which jobs have which of them now. */
export function PackagePage() {
  const { ecosystem, name, problem, query } = useLoaded<typeof loadPackagePage>()
  const { package: found } = useReadQuery(query).data
  if (!found) return <NotFound what={`No build of this site has a package “${name}” of “${ecosystem}”.`} />
  const title = ecosystemNames[ecosystem] ?? ecosystem
  return (
    <>
      <PageTitle>{`${visibleName(name)} · Builder Hub`}</PageTitle>
      <Breadcrumb trail={[{ to: paths.packages, label: 'Packages' }]} here={name} />
      <h1 className="mb-1 wrap-anywhere">
        <Name>{name}</Name> <span className="font-normal text-quiet">{title} package</span>
      </h1>
      <p className="mb-6">{standing(found)}</p>
      <UseSection of={found} problem={problem} />
      <Versions versions={found.versions} newest={found.newestVersion} />
    </>
  )
}

/** The answer in a sentence. */
function standing({ all, newestVersion, versions }: Package): string {
  const jobs = (count: number) =>
    `${count.toLocaleString('en-US')} ${count === 1 ? 'newest build' : 'newest builds'}`
  if (all.totalCount === 0)
    return `No newest build has it now. The newest version here was ${visibleName(newestVersion)}.`
  const issues = versions.some(({ advisories, jobCount }) => jobCount > 0 && advisories.length > 0)
  const behind =
    all.behindCount === 0
      ? 'all with the newest version of this site'
      : `${all.behindCount.toLocaleString('en-US')} behind ${visibleName(newestVersion)}`
  return `In ${jobs(all.totalCount)}, ${behind}.${issues ? ' Some have a version with known issues.' : ''}`
}

const columns = [
  { name: 'Version' },
  { name: 'Jobs now', number: true },
  { name: 'First built' },
  { name: 'Last built' },
  { name: 'Known issues' },
]

function Versions({ versions, newest }: { versions: readonly Version[]; newest: string }) {
  const [search] = useSearchParams()
  return (
    <section aria-labelledby="versions" className="mt-8">
      <h2 id="versions" className="mb-1">
        Versions <span className="font-normal text-quiet tabular-nums">{versions.length}</span>
      </h2>
      <Table label="Versions" columns={columns}>
        {versions.map(({ version, jobCount, advisories, firstBuild, lastBuild }) => (
          <Row key={version}>
            <Cell className="wrap-anywhere">
              <Link
                to={{ search: withParameters(search, { version: `=${version}` }) }}
                className={version === newest ? 'font-semibold' : ''}
                preventScrollReset
              >
                <Name>{version}</Name>
              </Link>
            </Cell>
            <Cell number>
              {jobCount === 0 ? <span className="text-quiet">none</span> : jobCount.toLocaleString('en-US')}
              <span className="wide:hidden"> {jobCount === 1 ? 'job' : 'jobs'}</span>
            </Cell>
            <Cell>{firstBuild && <BuildLink build={firstBuild} />}</Cell>
            <Cell>{lastBuild && <BuildLink build={lastBuild} />}</Cell>
            <Cell className="to-the-end wide:w-full">
              {advisories.map((id) => (
                <Link key={id} to={paths.advisory(id)} className="mr-3 text-warn">
                  {id}
                </Link>
              ))}
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

function BuildLink({ build: { job, uuid, startedAt } }: { build: NonNullable<Version['firstBuild']> }) {
  return (
    <>
      <Link to={paths.build(job, uuid)}>
        <UtcDay at={startedAt} />
      </Link>{' '}
      <span className="text-quiet">
        <Name>{job}</Name>
      </span>
    </>
  )
}
