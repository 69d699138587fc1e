import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'

const WorkerRowFragment = graphql(`
  fragment WorkerRow on BuildWorker {
    name
    platformName
    address
    protocol
    software
    slots
    isConnected
    connectedAt
    lastSeenAt
    disconnectedAt
    currentRuns {
      uuid
      jobName
      startedAt
    }
  }
`)

const columns = [
  { name: 'Worker' },
  { name: 'Platform' },
  { name: 'Runs now' },
  { name: 'Slots', number: true },
  { name: 'Program' },
  { name: 'Since' },
  { name: 'Last seen' },
]

export function WorkerTable(props: {
  label: string
  workers: readonly FragmentType<typeof WorkerRowFragment>[]
}) {
  return (
    <Table label={props.label} columns={columns} className="many-columns">
      {readFragment(WorkerRowFragment, props.workers).map((worker) => (
        <Row key={worker.name}>
          <Cell className="name roomy:min-w-48">
            <Link to={paths.runsOfWorker(worker.name)} className="font-semibold" {...rowLink}>
              <Name>{worker.name}</Name>
            </Link>
            {worker.address !== null && (
              <span className="block text-small text-quiet">{visibleText(worker.address)}</span>
            )}
          </Cell>
          <Cell className="name">
            <Name>{worker.platformName}</Name>
          </Cell>
          <Cell className="whole-line wide:w-full">
            {worker.currentRuns.length === 0 ? (
              <span className="text-quiet">{worker.isConnected ? 'nothing' : ''}</span>
            ) : (
              <ul>
                {worker.currentRuns.map(({ uuid, jobName, startedAt }) => (
                  <li key={uuid}>
                    <Link to={paths.run(uuid)}>
                      <Name>{jobName}</Name>
                    </Link>
                    {startedAt !== null && (
                      <span className="text-small text-quiet">
                        {', began '}
                        <RelativeTime at={startedAt} />
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Cell>
          <Cell number>
            {worker.slots}
            <span className="roomy:hidden"> {worker.slots === 1 ? 'slot' : 'slots'}</span>
          </Cell>
          <Cell className="text-small roomy:min-w-40">
            {visibleText(worker.software)}
            <span className="block text-quiet">
              {worker.protocol === 'HUB' ? 'the hub’s protocol' : 'builder’s protocol'}
            </span>
          </Cell>
          <Cell>
            <span className="text-quiet roomy:hidden">since </span>
            <RelativeTime at={worker.connectedAt} />
          </Cell>
          <Cell>
            <span className="text-quiet roomy:hidden">last seen </span>
            <RelativeTime at={worker.disconnectedAt ?? worker.lastSeenAt} />
          </Cell>
        </Row>
      ))}
    </Table>
  )
}
