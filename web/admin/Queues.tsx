import { Link } from 'react-router'
import type { AdminOverviewQuery } from '../gql/graphql.ts'
import { adminPaths } from '../paths.ts'
import { useNow } from '../ui/now.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { queueName } from './queue-names.ts'

type Queue = NonNullable<AdminOverviewQuery['admin']>['overview']['queues'][number]

const columns = [
  { name: 'Queue' },
  { name: 'Waiting', number: true },
  { name: 'Running', number: true },
  { name: 'Failed', number: true },
  { name: 'Dead', number: true },
  { name: 'Next is due' },
]

const sizeOf = ({ waitingCount, runningCount, failedCount, deadCount }: Queue) =>
  waitingCount + runningCount + failedCount + deadCount

/** Queues with tasks, by their names, and how many have none. */
export function Queues({ queues }: { queues: readonly Queue[] }) {
  const filled = queues
    .filter((queue) => sizeOf(queue) > 0)
    .map((queue) => ({ ...queue, name: queueName(queue.kind) }))
    .toSorted((left, right) => left.name.localeCompare(right.name, 'en'))
  const emptyCount = queues.length - filled.length
  return (
    <>
      {filled.length > 0 && (
        <Table label="Queues" columns={columns}>
          {filled.map((queue) => (
            <Row key={queue.kind}>
              <Cell className="name whole-line">
                <Link to={adminPaths.tasksOf(queue.kind)}>{queue.name}</Link>
              </Cell>
              <Count number={queue.waitingCount} word="waiting" />
              <Count number={queue.runningCount} word="running" />
              <Count number={queue.failedCount} word="failed" />
              <Count number={queue.deadCount} word="dead" isBad />
              <Cell className="whitespace-nowrap">
                {queue.oldestDueAt && <DueTime at={queue.oldestDueAt} />}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {emptyCount > 0 && (
        <p className="mt-2 text-small text-quiet">{emptyWords(emptyCount, filled.length)}</p>
      )}
    </>
  )
}

function emptyWords(emptyCount: number, filledCount: number): string {
  if (filledCount === 0) return 'All queues are empty.'
  return emptyCount === 1 ? '1 other queue is empty.' : `${emptyCount} other queues are empty.`
}

const minuteMs = 60_000

/** A task that waits after its time, or comes within a minute, is due now. */
function DueTime({ at }: { at: string }) {
  const now = useNow()
  return new Date(at).getTime() - now < minuteMs ? 'now' : <RelativeTime at={at} />
}

function Count({ number, word, isBad }: { number: number; word: string; isBad?: boolean }) {
  return (
    <Cell number className={isBad && number > 0 ? 'font-semibold text-bad' : ''}>
      {number.toLocaleString('en-US')}
      <span className="wide:hidden"> {word}</span>
    </Cell>
  )
}
