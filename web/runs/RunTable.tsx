import { Link } from 'react-router'
import type { RunRowFragment as RunRow } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { formatDuration } from '../ui/duration.ts'
import { LongText } from '../ui/LongText.tsx'
import { Name } from '../ui/Name.tsx'
import { useNow } from '../ui/now.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { RunMark } from './RunMark.tsx'
import { repeatedRun, runCauses, waitReasons } from './run-words.ts'

const RunRowFragment = graphql(`
  fragment RunRow on Run {
    uuid
    jobName
    platformName
    state
    cause
    requestedBy
    reason
    queuedAt
    startedAt
    endedAt
    error
    waiting {
      reason
    }
    tries {
      number
      uuid
      workerName
    }
    ...RunMark
  }
`)

type RunRows = readonly FragmentType<typeof RunRowFragment>[]

const columns = [
  { name: 'Run of' },
  { name: 'Platform' },
  { name: 'State' },
  { name: 'Queued' },
  { name: 'Took', number: true },
  { name: 'Worker, and why' },
]

export function RunTable({ runs, label }: { runs: RunRows; label: string }) {
  return (
    <Table label={label} columns={columns}>
      {readFragment(RunRowFragment, runs).map((run) => {
        const { uuid, jobName, platformName, queuedAt } = run
        return (
          <Row key={uuid}>
            <Cell className="name">
              <Link to={paths.run(uuid)} className="font-semibold" {...rowLink}>
                <Name>{jobName}</Name>
              </Link>
            </Cell>
            <Cell className="name">
              <Name>{platformName}</Name>
            </Cell>
            <Cell>
              <RunMark run={run} of={`${jobName} on ${platformName}`} />
            </Cell>
            <Cell>
              <RelativeTime at={queuedAt} />
            </Cell>
            <Cell number>
              <Took run={run} />
            </Cell>
            <Cell className="whole-line wrap-anywhere text-small text-quiet wide:w-full">
              <Why run={run} />
            </Cell>
          </Row>
        )
      })}
    </Table>
  )
}

function Took({ run }: { run: Pick<RunRow, 'startedAt' | 'endedAt' | 'state'> }) {
  const now = useNow()
  const { startedAt, endedAt, state } = run
  if (startedAt === null || state === 'QUEUED') return null
  const until = endedAt === null ? Math.max(now, Date.parse(startedAt)) : Date.parse(endedAt)
  return (
    <span className={endedAt === null ? 'text-quiet' : ''}>
      {formatDuration(until - Date.parse(startedAt))}
    </span>
  )
}

function Why({ run }: { run: RunRow }) {
  const { cause, error, reason, requestedBy, tries, waiting } = run
  const worker = tries.at(-1)?.workerName
  const repeated = repeatedRun(run)
  const asked = requestedBy === null ? runCauses[cause] : `${runCauses[cause]} by ${visibleText(requestedBy)}`
  return (
    <>
      {worker !== undefined && (
        <>
          <Link to={paths.runsOfWorker(worker)}>
            <Name>{worker}</Name>
          </Link>
          {tries.length > 1 && ` (try ${tries.length})`}
          {' · '}
        </>
      )}
      {asked}
      {repeated !== null && (
        <>
          {', after '}
          <Link to={paths.run(repeated)}>an earlier run</Link>
        </>
      )}
      {repeated === null && reason !== null && `, “${visibleText(reason)}”`}
      {waiting && ` · ${waitReasons[waiting.reason]}`}
      {error !== null && (
        <span className="text-text">
          {' · '}
          <LongText text={visibleText(error)} what="all of it" />
        </span>
      )}
    </>
  )
}
