import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import type { ReactNode } from 'react'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { useAnalysis } from '../analyses/AnalysisSection.tsx'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import { isUuid } from '../address/uuid.ts'
import type { AnalysisKind, VizPageQuery as Answer } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { MissingBuild } from '../removed/MissingBuild.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { Notice } from '../ui/Notice.tsx'
import { VizHeader } from './VizHeader.tsx'

const VizPageQuery = graphql(`
  query VizPage($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      uuid
      job {
        id
        name
      }
      ...VizHeader
      ...BuildAnalyses
    }
  }
`)

type Build = NonNullable<Answer['build']>

export async function loadVizPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const { uuid = '' } = params
  const job = readName(params['job'])
  const query = isUuid(uuid) ? await preload(client, VizPageQuery, { uuid }) : null
  return { job, uuid, query }
}

type VizPageProps = {
  kind: AnalysisKind
  /** Names the picture for tabs, e.g. "Dependencies". */
  what: string
  children: (build: Build) => ReactNode
  /** Said of a build that has nothing for this kind. */
  absence: { title: string; reason: ReactNode }
}

/** What an analysis of a build found, on a page of its own. */
export function VizPage(props: VizPageProps) {
  const { job, uuid, query } = useLoaded<typeof loadVizPage>()
  if (!query) return <UnknownBuild job={job} uuid={uuid} />
  return <LoadedPage {...props} job={job} uuid={uuid} query={query} />
}

function UnknownBuild({ job, uuid }: { job: string; uuid: string }) {
  return (
    <MissingBuild
      job={job}
      uuid={uuid}
      otherwise={<NotFound what={`The job “${job}” has no build ${uuid}.`} />}
    />
  )
}

type Loaded = Awaited<ReturnType<typeof loadVizPage>>

function LoadedPage(props: VizPageProps & Loaded & { query: NonNullable<Loaded['query']> }) {
  const { job, uuid, query } = props
  const { build } = useReadQuery(query).data
  if (!build || build.job.name !== job) return <UnknownBuild job={job} uuid={uuid} />
  return <KnownBuild {...props} build={build} />
}

function KnownBuild({ kind, what, children, absence, build }: VizPageProps & { build: Build }) {
  const analysis = useAnalysis(build, kind)
  return (
    <>
      <VizHeader build={build} what={what} />
      {analysis ? (
        children(build)
      ) : (
        <Notice title={absence.title}>
          <p>{absence.reason}</p>
          <p>
            <Link to={paths.build(build.job.name, build.uuid)}>To the build</Link>
          </p>
        </Notice>
      )}
    </>
  )
}
