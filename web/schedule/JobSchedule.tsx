import { useReadQuery, type PreloadedQueryRef } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import type { JobScheduleQuery as Data } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { RunMark } from '../runs/RunMark.tsx'
import { Name } from '../ui/Name.tsx'
import { UpcomingTime } from '../ui/RelativeTime.tsx'
import { useMaySchedule } from './may-schedule.ts'
import { useFresh } from './use-fresh.ts'

const RunNow = lazy(async () => ({ default: (await import('./RunNowButton.tsx')).RunNowButton }))

export const JobScheduleQuery = graphql(`
  query JobSchedule($job: String!) {
    schedule(job: $job) {
      platforms
      nextAt
      isPaused
      currentRuns {
        uuid
        platformName
        ...RunMark
      }
    }
  }
`)

/** On the page of a job: when it is built next, and what runs now. Nothing if the hub does not build it. */
export function JobSchedule({ job, query }: { job: string; query: PreloadedQueryRef<Data> }) {
  const { schedule } = useReadQuery(query).data
  const mayRun = useMaySchedule()
  useFresh({ changes: (schedule?.currentRuns.length ?? 0) > 0 })
  if (!schedule) return null
  const { currentRuns, isPaused, nextAt, platforms } = schedule
  return (
    <div role="group" aria-label="Schedule" className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1">
      <Link to={paths.scheduleOf(job)}>
        {isPaused ? (
          'Its schedule is paused'
        ) : nextAt === null ? (
          'Built when somebody asks'
        ) : (
          <>
            Built next <UpcomingTime at={nextAt} />
          </>
        )}
      </Link>
      {currentRuns.map((run) => (
        <span key={run.uuid} className="inline-flex items-center gap-1.5">
          <RunMark run={run} of={job} />
          <span className="text-quiet">
            on <Name>{run.platformName}</Name>
          </span>
        </span>
      ))}
      {mayRun && (
        <Suspense fallback={null}>
          <RunNow job={job} platforms={platforms} />
        </Suspense>
      )}
    </div>
  )
}
