import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { useAnalysis } from '../analyses/AnalysisSection.tsx'
import { preload } from '../apollo.ts'
import { isUuid } from '../builds/uuid.ts'
import { reloadsUnlessOnly } from '../charts/view-state.ts'
import type { VizTreemapPageQuery as Answer } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { NotFound } from '../shell/NotFound.tsx'
import { Notice } from '../ui/Notice.tsx'
import { VizHeader } from '../viz/VizHeader.tsx'
import { SizeSection } from './SizeSection.tsx'
import { sizeViewParameters } from './view-parameters.ts'

const VizTreemapPageQuery = graphql(`
  query VizTreemapPage($uuid: UUID!) {
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

export async function loadVizTreemapPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const { job = '', uuid = '' } = params
  const query = isUuid(uuid) ? await preload(client, VizTreemapPageQuery, { uuid }) : null
  return { job, uuid, query }
}

/** What is shown of the picture needs nothing from the server. */
export const shouldReloadTreemap = reloadsUnlessOnly(...sizeViewParameters(''))

export function VizTreemapPage() {
  const { job, uuid, query } = useLoaded<typeof loadVizTreemapPage>()
  if (!query) return <UnknownBuild job={job} uuid={uuid} />
  return <LoadedPage job={job} uuid={uuid} query={query} />
}

function UnknownBuild({ job, uuid }: { job: string; uuid: string }) {
  return <NotFound what={`The job “${job}” has no build ${uuid}.`} />
}

type Loaded = Awaited<ReturnType<typeof loadVizTreemapPage>>

function LoadedPage({ job, uuid, query }: Loaded & { query: NonNullable<Loaded['query']> }) {
  const { build } = useReadQuery(query).data
  if (!build || build.job.name !== job) return <UnknownBuild job={job} uuid={uuid} />
  return <KnownBuild build={build} />
}

function KnownBuild({ build }: { build: NonNullable<Answer['build']> }) {
  const analysis = useAnalysis(build, 'BINARY_SIZE')
  const job = build.job.name
  return (
    <>
      <VizHeader build={build} what="Binary size" />
      {analysis ? (
        <SizeSection build={build} uuid={build.uuid} isAlone />
      ) : (
        <Notice title="There is no binary to look into">
          <p>This build made no main binary, nor one with debug information.</p>
          <p>
            <Link to={paths.build(job, build.uuid)}>To the build</Link>
          </p>
        </Notice>
      )}
    </>
  )
}
