import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import type { QueueRowFragment as QueueRow } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { waitReasons } from '../runs/run-words.ts'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { countOf } from '../ui/signed.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'

const QueueActions = lazy(() => import('./QueueActions.tsx'))

const QueueRowFragment = graphql(`
  fragment QueueRow on PlatformQueue {
    platformName
    isPaused
    droppedAt
    waitingCount
    runningCount
    workerCount
    slotCount
    firstWaiting(count: 3) {
      uuid
      jobName
      waiting {
        reason
      }
    }
  }
`)

const columns = [
  { name: 'Platform' },
  { name: 'Workers' },
  { name: 'Under way', number: true },
  { name: 'Waiting', number: true },
  { name: 'Next, and why it waits' },
  { name: 'Actions', hidden: true },
]

export function QueueTable(props: {
  queues: readonly FragmentType<typeof QueueRowFragment>[]
  mayChange: boolean
}) {
  return (
    <Table label="Queues" columns={columns}>
      {readFragment(QueueRowFragment, props.queues).map((queue) => (
        <Row key={queue.platformName}>
          <Cell className="name">
            <span className="font-semibold">
              <Name>{queue.platformName}</Name>
            </span>
          </Cell>
          <Cell className="whitespace-nowrap">
            {queue.workerCount === 0 ? (
              <span className={queue.waitingCount > 0 ? 'text-warn' : 'text-quiet'}>no worker</span>
            ) : (
              `${countOf(queue.workerCount, 'worker')}, ${countOf(queue.slotCount, 'slot')}`
            )}
          </Cell>
          <Cell number>
            <Link to={paths.runsOn(queue.platformName, 'under way')}>{queue.runningCount}</Link>
            <span className="wide:hidden"> under way</span>
          </Cell>
          <Cell number>
            <Link to={paths.runsOn(queue.platformName, 'waiting')}>{queue.waitingCount}</Link>
            <span className="wide:hidden"> waiting</span>
          </Cell>
          <Cell className="whole-line wide:w-full">
            <First queue={queue} />
          </Cell>
          <Cell>
            {props.mayChange && (
              <Suspense fallback={null}>
                <QueueActions queue={queue} />
              </Suspense>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

function First({ queue }: { queue: QueueRow }) {
  const { droppedAt, firstWaiting, isPaused } = queue
  if (droppedAt !== null)
    return (
      <span className="text-quiet">
        dropped <RelativeTime at={droppedAt} />: nothing is queued for it
      </span>
    )
  return (
    <>
      {isPaused && <span className="text-warn">paused{firstWaiting.length > 0 && ': '}</span>}
      {firstWaiting.map(({ jobName, uuid, waiting }, index) => (
        <span key={uuid}>
          {index > 0 && ' · '}
          <Link to={paths.run(uuid)}>
            <Name>{jobName}</Name>
          </Link>
          {waiting && !isPaused && (
            <span className="text-small text-quiet"> {waitReasons[waiting.reason]}</span>
          )}
        </span>
      ))}
    </>
  )
}
