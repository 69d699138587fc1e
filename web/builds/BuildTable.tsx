import { Link } from 'react-router'
import type { BuildOrder, BuildTableRowFragment as Build } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { formatDuration } from '../ui/duration.ts'
import { Hash } from '../ui/Hash.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, type Column, Row, Table } from '../ui/Table.tsx'
import { Outcome } from '../outcomes/Outcome.tsx'
import { Verdict } from '../outcomes/Verdict.tsx'
import { Name } from '../ui/Name.tsx'

const BuildTableRowFragment = graphql(`
  fragment BuildTableRow on Build {
    id
    uuid
    startedAt
    receivedAt
    durationMs
    job {
      id
      name
    }
    platform {
      id
      name
    }
    mainBinary {
      id
      path
      sizeBytes
      sha256
    }
    ...BuildOutcome
    ...BuildVerdict
  }
`)

/**
 * Builds, one a row, in the given order; the first column is the time that they are ordered by. The page's own job or
 * platform needs no column.
 */
export function BuildTable(props: {
  label: string
  builds: readonly FragmentType<typeof BuildTableRowFragment>[]
  leaveOut?: 'job' | 'platform'
  order?: BuildOrder
}) {
  const { label, leaveOut, order = 'STARTED' } = props
  const builds = readFragment(BuildTableRowFragment, props.builds)
  // Of builds that failed there is mostly nothing to say here.
  const hasBinaries = builds.some(({ mainBinary }) => mainBinary !== null)
  const columns: Column[] = [
    { name: order === 'RECEIVED' ? 'Arrived' : 'Started' },
    ...(leaveOut === 'job' ? [] : [{ name: 'Job' }]),
    ...(leaveOut === 'platform' ? [] : [{ name: 'Platform' }]),
    { name: 'Result' },
    { name: 'Duration', number: true },
    ...(hasBinaries
      ? [{ name: 'Main binary', number: true }, { name: 'SHA-256' }, { name: 'Repeated' }]
      : []),
  ]
  // With a column less, the other name has the room of both.
  const nameClass = `name ${leaveOut ? 'between:col-span-2' : ''}`
  return (
    <Table label={label} columns={columns} className="builds many-columns">
      {builds.map((build) => (
        <Row key={build.id}>
          <Cell className="whitespace-nowrap">
            <Link to={paths.build(build.job.name, build.uuid)} {...rowLink}>
              <RelativeTime at={order === 'RECEIVED' ? build.receivedAt : build.startedAt} />
            </Link>
          </Cell>
          {leaveOut !== 'job' && (
            <Cell className={nameClass}>
              <Link to={paths.job(build.job.name)}>
                <Name>{build.job.name}</Name>
              </Link>
            </Cell>
          )}
          {leaveOut !== 'platform' && (
            <Cell className={nameClass}>
              <Link to={paths.platform(build.platform.name)}>
                <Name>{build.platform.name}</Name>
              </Link>
            </Cell>
          )}
          <Cell className="whole-line roomy:w-full">
            <Outcome of={build} />
          </Cell>
          <Cell number>{formatDuration(build.durationMs)}</Cell>
          {hasBinaries && <BinaryCells build={build} />}
        </Row>
      ))}
    </Table>
  )
}

function BinaryCells({ build }: { build: Build }) {
  const { mainBinary } = build
  return (
    <>
      <Cell number className="between:order-1 between:col-start-5">
        {mainBinary && <ByteSize bytes={mainBinary.sizeBytes} />}
      </Cell>
      <Cell className="between:col-start-2 between:col-span-2">
        {mainBinary && (
          <Hash value={mainBinary.sha256} of={mainBinary.path} to={paths.hash(mainBinary.sha256)} />
        )}
      </Cell>
      <Cell className="between:col-start-4 narrow:ml-auto">{mainBinary && <Verdict of={build} />}</Cell>
    </>
  )
}
