import type { ApolloClient } from '@apollo/client'
import { useQueryRefHandlers, useReadQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { maybeSignedIn } from '../account/signed-in.ts'
import { AnalysisStatusFragment, BuildAnalysesFragment } from '../analyses/analysis-status.ts'
import { useRefetchWhenReady } from '../analyses/use-refetch-when-ready.ts'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import { IssueSection } from '../advisories/IssueSection.tsx'
import { SizeSection } from '../binary-size/SizeSection.tsx'
import { sizePrefix, sizeViewParameters } from '../binary-size/view-parameters.ts'
import { reloadsUnlessOnly } from '../charts/view-state.ts'
import { ConsoleSection } from '../console/ConsoleSection.tsx'
import { DependenciesSection } from '../dependencies/DependenciesSection.tsx'
import { dependencyViewParameters } from '../dependencies/view-parameters.ts'
import { CompareButton } from '../diffs/CompareButton.tsx'
import type { BuildPageQuery as BuildPageQueryData } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { MissingBuild } from '../removed/MissingBuild.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { Solo5Section } from '../solo5/Solo5Section.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { formatUtc } from '../ui/time.ts'
import { ArtifactSection } from './ArtifactSection.tsx'
import { BuildSummary } from './BuildSummary.tsx'
import { ReproductionSection, reproductionsPrefix } from './ReproductionSection.tsx'
import { ScriptSection } from './ScriptSection.tsx'
import { isUuid } from '../address/uuid.ts'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const BuildActions = lazy(() => import('../admin/BuildActions.tsx'))
const RebuildNow = lazy(() => import('../schedule/RebuildNow.tsx'))
const BuildHookRuns = lazy(() => import('../admin/BuildHookRuns.tsx'))

const BuildPageQuery = graphql(`
  query BuildPage($uuid: UUID!, $first: Int, $after: String, $last: Int, $before: String) {
    build(uuid: $uuid) {
      id
      uuid
      status
      startedAt
      consoleSizeBytes
      script
      scriptSizeBytes
      job {
        id
        name
      }
      platform {
        id
        name
      }
      pin {
        pinnedAt
      }
      ...BuildSummary
      ...ArtifactSection
      ...BuildAnalyses
      ...Solo5Section
      ...IssueSection
    }
  }
`)

const BuildRelationsQuery = graphql(`
  query BuildRelationsPart($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      reproducibility {
        buildCount
      }
      ...BuildRelations
    }
  }
`)

const BuildReproductionsQuery = graphql(`
  query BuildReproductions($uuid: UUID!, $first: Int, $after: String, $last: Int, $before: String) {
    build(uuid: $uuid) {
      id
      ...ReproductionSection
    }
  }
`)

export async function loadBuildPage(client: ApolloClient, { request, params }: LoaderFunctionArgs) {
  const { uuid = '' } = params
  const job = readName(params['job'])
  // The server refuses the whole operation when a UUID is none; here it is only an address that leads nowhere.
  if (!isUuid(uuid)) return { job, uuid, queries: null }
  const search = new URL(request.url).searchParams
  const reproductions = { uuid, ...readPage(search, 20, reproductionsPrefix) }
  // Three requests at once, as each of them is bounded in what it may cost.
  const [page, relations, repeated] = await Promise.all([
    preload(client, BuildPageQuery, { uuid, ...readPage(search, 100) }, 'all'),
    preload(client, BuildRelationsQuery, { uuid }),
    preload(client, BuildReproductionsQuery, reproductions),
  ])
  return { job, uuid, queries: { page, relations, repeated } }
}

/** What is shown of a picture needs nothing from the server. */
export const shouldReloadBuild = reloadsUnlessOnly(
  'find',
  ...dependencyViewParameters,
  ...sizeViewParameters(sizePrefix),
)

export function BuildPage() {
  const { job, uuid, queries } = useLoaded<typeof loadBuildPage>()
  if (!queries) return <UnknownBuild job={job} uuid={uuid} />
  return <KnownBuild job={job} uuid={uuid} queries={queries} />
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

type Loaded = Awaited<ReturnType<typeof loadBuildPage>>

type Build = NonNullable<BuildPageQueryData['build']>

/** The page's own query has some of what analyses tell: it is asked again when they end. */
function FollowAnalyses({ build, refetch }: { build: Build; refetch: () => unknown }) {
  useRefetchWhenReady(build, 'SOLO5', refetch)
  useRefetchWhenReady(build, 'FAILURE', refetch)
  useRefetchWhenReady(build, 'COMPONENTS', refetch)
  return null
}

function KnownBuild({ job, uuid, queries }: Loaded & { queries: NonNullable<Loaded['queries']> }) {
  // Before useReadQuery, as in HomePage: otherwise the answer to refetch is never drawn.
  const { refetch } = useQueryRefHandlers(queries.page)
  const { data, error } = useReadQuery(queries.page)
  const build = data?.build
  // What is left of a build without its script is still worth a page.
  if (!build && error) throw new Error(error.message, { cause: error })
  const { build: relations } = useReadQuery(queries.relations).data
  const { build: repeated } = useReadQuery(queries.repeated).data
  const [search] = useSearchParams()
  if (!build || !relations || !repeated || build.job.name !== job)
    return <UnknownBuild job={job} uuid={uuid} />

  const failed = build.status === 'FAILED'
  const isFull = search.get('view') === 'console'
  const platform = build.platform.name
  const consoleSection = (
    <ConsoleSection
      key={`console ${build.uuid}`}
      job={job}
      uuid={build.uuid}
      sizeBytes={build.consoleSizeBytes}
      startedAt={build.startedAt}
      openAtEnd={failed}
      isFull={isFull}
    />
  )
  return (
    <>
      <PageTitle>{`${visibleName(job)} on ${visibleName(platform)}, ${formatUtc(build.startedAt)} · Builder Hub`}</PageTitle>
      <Breadcrumb
        trail={[
          { to: paths.home, label: 'Jobs' },
          { to: paths.job(job), label: job },
          { to: paths.platform(platform), label: platform },
        ]}
        here={formatUtc(build.startedAt)}
      />
      <h1 className={isFull ? 'sr-only' : ''}>
        <Name>{job}</Name>{' '}
        <span className="font-normal text-quiet">
          on <Name>{platform}</Name>
        </span>
      </h1>
      {!isFull && <BuildSummary build={build} relations={relations} platform={platform} />}
      {!isFull && (
        <div className="mt-5 flex flex-wrap items-end justify-between gap-x-5 gap-y-2 border-b border-line">
          <Sections
            names={sectionsOf(failed, relations.reproducibility.buildCount > 0, analysedKinds(build))}
          />
          <div className="pb-1.5">
            <CompareButton build={build} />
          </div>
          {maybeSignedIn() && (
            <Suspense fallback={null}>
              <RebuildNow uuid={uuid} platform={platform} />
              <BuildActions uuid={uuid} isPinned={build.pin !== null} onChange={() => void refetch()} />
            </Suspense>
          )}
        </div>
      )}
      {/* Of a failed build one wants to know why. Both views keep the console's place, and with it its state. */}
      {failed && consoleSection}
      {!isFull && <ArtifactSection build={build} />}
      {!isFull && <IssueSection build={build} />}
      {!isFull && <Solo5Section build={build} />}
      <FollowAnalyses key={build.uuid} build={build} refetch={refetch} />
      {!isFull && (
        <ReproductionSection build={repeated} total={Math.max(0, relations.reproducibility.buildCount - 1)} />
      )}
      {!isFull && <DependenciesSection build={build} uuid={build.uuid} />}
      {!isFull && <SizeSection build={build} uuid={build.uuid} />}
      {!failed && consoleSection}
      {!isFull && (
        <ScriptSection job={job} uuid={build.uuid} script={build.script} sizeBytes={build.scriptSizeBytes} />
      )}
      {!isFull && maybeSignedIn() && (
        <Suspense fallback={null}>
          <BuildHookRuns uuid={uuid} />
        </Suspense>
      )}
    </>
  )
}

/** What is, or will be, told of a build beside what it brought. */
function analysedKinds(build: FragmentType<typeof BuildAnalysesFragment>): string[] {
  const { analyses } = readFragment(BuildAnalysesFragment, build)
  return readFragment(AnalysisStatusFragment, analyses).map(({ kind }) => kind)
}

function sectionsOf(failed: boolean, hasOutput: boolean, analysed: string[]): string[] {
  const repeated = hasOutput ? ['reproductions'] : []
  const dependencies = analysed.includes('DEPENDENCIES') ? ['dependencies'] : []
  const size = analysed.includes('BINARY_SIZE') ? ['size'] : []
  return failed
    ? ['console', 'artifacts', ...repeated, ...dependencies, ...size, 'script']
    : ['artifacts', ...repeated, ...dependencies, ...size, 'console', 'script']
}

function Sections({ names }: { names: string[] }) {
  return (
    <nav aria-label="Sections of this build" className="flex flex-wrap gap-x-5">
      {names.map((name) => (
        <a key={name} href={`#${name}`} className="py-1.5 text-quiet capitalize">
          {name}
        </a>
      ))}
    </nav>
  )
}
