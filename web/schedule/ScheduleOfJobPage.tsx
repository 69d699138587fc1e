import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { Link, type LoaderFunctionArgs, useNavigate } from 'react-router'
import { readName } from '../address/read-name.ts'
import { Facts } from '../admin/AdminFrame.tsx'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { RunTable } from '../runs/RunTable.tsx'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { formatByteSize } from '../ui/byte-size.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { formatDuration } from '../ui/duration.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { UpcomingTime } from '../ui/RelativeTime.tsx'
import { visibleName, visibleText } from '../ui/visible-text.ts'
import { useMaySchedule } from './may-schedule.ts'
import { describePeriod } from './period-words.ts'
import { policyWords } from './policy-words.ts'
import type { KnownSchedule } from './ScheduleFields.tsx'
import { useFresh } from './use-fresh.ts'
import { VersionList } from './VersionList.tsx'

const ScheduleActions = lazy(() => import('./ScheduleActions.tsx'))
const EditScheduleButton = lazy(() => import('./EditScheduleButton.tsx'))

const SchedulePageOfJobQuery = graphql(`
  query SchedulePageOfJob($job: String!) {
    schedule(job: $job) {
      jobName
      job {
        id
      }
      kind
      opamPackage
      platforms
      script
      period
      cron
      timeZone
      nextAt
      isPaused
      priority
      timeoutSeconds
      maxTries
      maxParallel
      limits {
        allowsNetwork
        memoryBytes
        diskBytes
        cpus
      }
      reproduce {
        times
        anyPlatform
        platforms
        within
      }
      sectionPolicy {
        section
        reproduce {
          times
          anyPlatform
          platforms
          within
        }
      }
      version
      updatedAt
    }
    scheduleVersions(job: $job, first: 10) {
      nodes {
        version
        ...VersionList
      }
      totalCount
    }
    runs(filter: { job: $job }, first: 10) {
      nodes {
        uuid
        ...RunRow
      }
      totalCount
    }
  }
`)

export async function loadScheduleOfJobPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const job = readName(params['job'])
  return { job, query: await preload(client, SchedulePageOfJobQuery, { job }) }
}

/** The schedule of a job: what it builds and when, its runs, and what it was before. */
export function ScheduleOfJobPage() {
  const { job, query } = useLoaded<typeof loadScheduleOfJobPage>()
  const { schedule, scheduleVersions, runs } = useReadQuery(query).data
  const mayChange = useMaySchedule()
  const navigate = useNavigate()
  useFresh()
  const versions = scheduleVersions?.nodes ?? []
  const own = runs?.nodes ?? []
  if (!schedule && versions.length === 0 && own.length === 0)
    return <NotFound what={`The job “${job}” has no schedule.`} />
  return (
    <>
      <PageTitle>{`Schedule of ${visibleName(job)} · Builder Hub`}</PageTitle>
      <Breadcrumb trail={[{ to: paths.schedule, label: 'Schedule' }]} here={job} />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="min-w-0 wrap-anywhere">
          <Name>{job}</Name>
        </h1>
        {schedule && mayChange && (
          <Suspense fallback={null}>
            <span className="flex flex-wrap gap-1">
              <EditScheduleButton job={job} known={schedule} />
              <ScheduleActions
                schedule={schedule}
                withRemoval
                onRemoved={() => void navigate(paths.schedule)}
              />
            </span>
          </Suspense>
        )}
      </div>
      {schedule ? <Definition schedule={schedule} /> : <Empty>The job is not scheduled any more.</Empty>}

      <section className="mt-8" aria-labelledby="runs">
        <h2 id="runs" className="mb-2">
          Runs
        </h2>
        {own.length > 0 ? (
          <RunTable label={`Runs of ${job}`} runs={own} />
        ) : (
          <Empty>It has not run yet.</Empty>
        )}
        {(runs?.totalCount ?? 0) > own.length && (
          <p className="mt-2">
            <Link to={paths.runsOfJob(job)}>All {runs?.totalCount} runs</Link>
          </p>
        )}
      </section>

      {versions.length > 0 && (
        <section className="mt-8" aria-labelledby="history">
          <h2 id="history" className="mb-2">
            History
          </h2>
          <VersionList versions={versions} path={job} />
          {(scheduleVersions?.totalCount ?? 0) > versions.length && (
            <p className="mt-2 text-small text-quiet">
              Older versions: <code>hub schedule history {visibleName(job)}</code>
            </p>
          )}
        </section>
      )}
    </>
  )
}

function Definition({ schedule }: { schedule: KnownSchedule }) {
  const { limits, platforms, script } = schedule
  return (
    <>
      <div className="mt-3">
        <Facts
          facts={[
            [
              'Builds',
              schedule.kind === 'SCRIPT' ? (
                'a script'
              ) : (
                <>
                  the opam package <code>{visibleText(schedule.opamPackage ?? '')}</code>
                </>
              ),
            ],
            [
              'On',
              platforms === null ? 'all platforms' : platforms.map((one) => visibleText(one)).join(', '),
            ],
            ['When', describePeriod(schedule)],
            ['Next', <Next key="next" schedule={schedule} />],
            ['A try may take', formatDuration(schedule.timeoutSeconds * 1000)],
            ['Tries', `${schedule.maxTries} at most`],
            ['Network', limits.allowsNetwork ? 'yes' : 'no'],
            ...limitFacts(limits),
            ['Reproduction', reproductionWords(schedule)],
            ...(schedule.job === null
              ? []
              : ([
                  [
                    'Builds of it',
                    <Link key="job" to={paths.job(schedule.jobName)}>
                      <Name>{schedule.jobName}</Name>
                    </Link>,
                  ],
                ] as const)),
          ]}
        />
      </div>
      {script !== null && (
        <section className="mt-6" aria-labelledby="script">
          <h2 id="script" className="mb-2">
            Script
          </h2>
          <CodeBlock text={script} label="Text of the script" />
        </section>
      )}
    </>
  )
}

const limitFacts = ({ memoryBytes, diskBytes, cpus }: KnownSchedule['limits']): [string, string][] => [
  ...(memoryBytes === null ? [] : [['Memory', formatByteSize(memoryBytes)] as [string, string]]),
  ...(diskBytes === null ? [] : [['Disk', formatByteSize(diskBytes)] as [string, string]]),
  ...(cpus === null ? [] : [['Processors', String(cpus)] as [string, string]]),
]

function reproductionWords({ reproduce, sectionPolicy }: KnownSchedule): string {
  if (reproduce !== null) return policyWords(reproduce)
  if (sectionPolicy === null) return 'each output is built once'
  return `${policyWords(sectionPolicy.reproduce)}, as the section ${visibleName(sectionPolicy.section)} says`
}

function Next({ schedule: { isPaused, nextAt } }: { schedule: KnownSchedule }) {
  if (isPaused) return <span className="text-warn">paused: it is not queued by itself</span>
  if (nextAt === null) return 'when somebody asks'
  return (
    <>
      <UpcomingTime at={nextAt} />
      <span className="text-quiet">
        {' · '}
        <ExactTime at={nextAt} />
      </span>
    </>
  )
}
