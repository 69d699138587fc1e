import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import type { ScheduleRowFragment as ScheduleRow } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { RunMark } from '../runs/RunMark.tsx'
import { rowLink } from '../shell/shortcuts.ts'
import { Name } from '../ui/Name.tsx'
import { RelativeTime, UpcomingTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { describePeriod } from './period-words.ts'

const ScheduleActions = lazy(() => import('./ScheduleActions.tsx'))

const ScheduleRowFragment = graphql(`
  fragment ScheduleRow on Schedule {
    jobName
    kind
    opamPackage
    platforms
    period
    cron
    timeZone
    nextAt
    isPaused
    lastRun {
      uuid
      endedAt
      platformName
      ...RunMark
    }
    currentRuns {
      uuid
      platformName
      ...RunMark
    }
  }
`)

const columns = [
  { name: 'Job' },
  { name: 'Platforms' },
  { name: 'When' },
  { name: 'Next' },
  { name: 'Last run, and now' },
  { name: 'Actions', hidden: true },
]

export function ScheduleTable(props: {
  schedules: readonly FragmentType<typeof ScheduleRowFragment>[]
  mayChange: boolean
}) {
  return (
    <Table label="Schedules" columns={columns} className="many-columns">
      {readFragment(ScheduleRowFragment, props.schedules).map((schedule) => (
        <Row key={schedule.jobName}>
          <Cell className="name roomy:min-w-48">
            <Link to={paths.scheduleOf(schedule.jobName)} className="font-semibold" {...rowLink}>
              <Name>{schedule.jobName}</Name>
            </Link>
            <span className="block text-small text-quiet">
              {schedule.kind === 'SCRIPT' ? 'a script' : `opam ${visibleText(schedule.opamPackage ?? '')}`}
            </span>
          </Cell>
          <Cell className="name">
            {schedule.platforms === null
              ? 'all'
              : schedule.platforms.map((one) => visibleText(one)).join(', ')}
          </Cell>
          <Cell className="roomy:min-w-44">{describePeriod(schedule)}</Cell>
          <Cell>
            <NextTime schedule={schedule} />
          </Cell>
          <Cell className="whole-line wide:w-full">
            <LastAndCurrent schedule={schedule} />
          </Cell>
          <Cell>
            {props.mayChange && (
              <Suspense fallback={null}>
                <ScheduleActions schedule={schedule} />
              </Suspense>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

function NextTime({ schedule }: { schedule: Pick<ScheduleRow, 'isPaused' | 'nextAt'> }) {
  if (schedule.isPaused) return <span className="text-warn">paused</span>
  // The column before says that it is built when somebody asks.
  return schedule.nextAt !== null && <UpcomingTime at={schedule.nextAt} />
}

const mostRuns = 3

function LastAndCurrent({ schedule }: { schedule: ScheduleRow }) {
  const { currentRuns, jobName, lastRun } = schedule
  const more = currentRuns.length - mostRuns
  return (
    <ul className="flex flex-wrap gap-x-4">
      {lastRun && (
        <li>
          <RunMark run={lastRun} of={`last run of ${jobName}`} />
          {lastRun.endedAt !== null && (
            <span className="text-quiet">
              {' '}
              <RelativeTime at={lastRun.endedAt} />
            </span>
          )}
        </li>
      )}
      {currentRuns.slice(0, mostRuns).map((run) => (
        <li key={run.uuid}>
          <RunMark run={run} of={`${jobName} on ${run.platformName}`} />
          <span className="text-quiet">
            {' on '}
            <Name>{run.platformName}</Name>
          </span>
        </li>
      ))}
      {more > 0 && (
        <li>
          <Link to={paths.runsOfJob(jobName)}>{more} more</Link>
        </li>
      )}
      {!lastRun && currentRuns.length === 0 && <li className="text-quiet">has not run</li>}
    </ul>
  )
}
