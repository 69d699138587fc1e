import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense, useEffect, useLayoutEffect, useRef } from 'react'
import { Navigate, type LoaderFunctionArgs, useLocation, useNavigate, useSearchParams } from 'react-router'
import { isUuid } from '../address/uuid.ts'
import { preload } from '../apollo.ts'
import { reloadsUnlessOnly } from '../charts/view-state.ts'
import type { ConsoleView } from '../console/ConsoleViewer.tsx'
import { keepPlace } from '../console/kept-place.ts'
import { graphql, readFragment } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { useMaySchedule } from '../schedule/may-schedule.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { Name } from '../ui/Name.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { formatUtc } from '../ui/time.ts'
import { visibleName } from '../ui/visible-text.ts'
import { LiveConsole } from './LiveConsole.tsx'
import { RunFragment } from './run-fragment.ts'
import { hasEnded, type Run } from './run-words.ts'
import { RunFacts, RunSummary } from './RunSummary.tsx'
import { RunTries } from './RunTries.tsx'
import { useRunStream } from './use-run-stream.ts'

const RunActions = lazy(() => import('./RunActions.tsx'))

const RunPageQuery = graphql(`
  query RunPage($uuid: UUID!) {
    run(uuid: $uuid) {
      uuid
      ...RunOnPage
    }
    build(uuid: $uuid) {
      id
      uuid
      job {
        id
        name
      }
    }
  }
`)

export async function loadRunPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const { uuid = '' } = params
  // The server refuses the whole operation when a UUID is none; here it is only an address that leads nowhere.
  return { uuid, query: isUuid(uuid) ? await preload(client, RunPageQuery, { uuid }) : null }
}

/** What a line link and the view change needs nothing from the server. */
export const shouldReloadRun = reloadsUnlessOnly('view', 'find')

export function RunPage() {
  const { uuid, query } = useLoaded<typeof loadRunPage>()
  return query ? <KnownRun uuid={uuid} query={query} /> : <NoRun uuid={uuid} />
}

const NoRun = ({ uuid }: { uuid: string }) => <NotFound what={`There is no run ${uuid}.`} />

type Query = NonNullable<Awaited<ReturnType<typeof loadRunPage>>['query']>

function KnownRun({ uuid, query }: { uuid: string; query: Query }) {
  const { run, build } = useReadQuery(query).data
  if (run) return <ShownRun key={run.uuid} run={readFragment(RunFragment, run)} />
  // Runs are forgotten before their builds are.
  if (build) return <Navigate to={paths.build(build.job.name, build.uuid)} replace />
  return <NoRun uuid={uuid} />
}

function ShownRun({ run }: { run: Run }) {
  const mayChange = useMaySchedule()
  const stream = useRunStream(run.uuid, !hasEnded(run))
  const [search] = useSearchParams()
  const isFull = search.get('view') === 'console'
  const section = useRef<HTMLElement>(null)
  const look = useRef<() => ConsoleView>(null)
  useTurnIntoBuild(run, stream.isOver, section, look)
  const { jobName: job, platformName: platform } = run
  return (
    <>
      <PageTitle>{`Run of ${visibleName(job)} on ${visibleName(platform)} · Builder Hub`}</PageTitle>
      <Breadcrumb
        trail={[
          { to: paths.runs, label: 'Runs' },
          // Before its first build the job has no page, nor the platform.
          ...(run.job ? [{ to: paths.job(job), label: job }] : []),
          { to: paths.runsOfPlatform(platform), label: platform },
        ]}
        here={`run of ${formatUtc(run.queuedAt)}`}
      />
      <div className={isFull ? 'sr-only' : 'flex flex-wrap items-center justify-between gap-x-6 gap-y-2'}>
        <h1 className="min-w-0 wrap-anywhere">
          <Name>{job}</Name>{' '}
          <span className="font-normal text-quiet">
            on <Name>{platform}</Name>
          </span>
        </h1>
        {mayChange && !isFull && (
          <Suspense fallback={null}>
            <RunActions run={run} />
          </Suspense>
        )}
      </div>
      {!isFull && <RunSummary run={run} />}
      <LiveConsole
        ref={section}
        run={run}
        stream={stream}
        onLook={(ask) => (look.current = ask)}
        isFull={isFull}
      />
      {!isFull && <RunTries run={run} />}
      {!isFull && <RunFacts run={run} />}
    </>
  )
}

/**
 * When a run ends that is watched, the page of its build takes the place of this one. Whoever reads somewhere in the console goes on
 * reading there, and the end of a build that failed stays where it is, too. Whoever follows one that succeeds sees what came of it: that
 * page has the console at its end.
 */
function useTurnIntoBuild(
  run: Run,
  isOver: boolean,
  section: React.RefObject<HTMLElement | null>,
  look: React.RefObject<(() => ConsoleView) | null>,
): void {
  const { build } = run
  const navigate = useNavigate()
  const { search, hash } = useLocation()
  const offset = useRef<number>(null)
  // Pixels from the top of the page. What is said of a run that has ended takes another height.
  useLayoutEffect(() => {
    const top = section.current?.getBoundingClientRect().top
    if (!hasEnded(run) && top !== undefined) offset.current = top + window.scrollY
  })
  const hasFailed = build?.status === 'FAILED'
  const to = isOver && build ? paths.build(build.job.name, build.uuid) : null
  useEffect(() => {
    if (to === null) return
    const { firstLine = null, follows = true } = look.current?.() ?? {}
    const topNow = section.current?.getBoundingClientRect().top
    const top = offset.current === null ? topNow : offset.current - window.scrollY
    const line = follows ? null : firstLine
    const isKept = top !== undefined && (line !== null || hasFailed)
    void navigate(
      { pathname: to, search, hash },
      {
        ...{ replace: true, preventScrollReset: true },
        ...(isKept ? { state: keepPlace({ line, top }) } : {}),
      },
    )
    // Once: where the reader is counts at this moment.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [to])
}
