import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { formatDuration } from '../ui/duration.ts'
import { Hash } from '../ui/Hash.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, type Column, Row, Table } from '../ui/Table.tsx'
import { Outcome } from './Outcome.tsx'
import { Verdict } from './Verdict.tsx'
import { Name } from '../ui/Name.tsx'

const BuildTableRowFragment = graphql(`
  fragment BuildTableRow on Build {
    id
    uuid
    startedAt
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

/** Builds, one a row, in the given order. The page's own job or platform needs no column. */
export function BuildTable(props: {
  label: string
  builds: readonly FragmentType<typeof BuildTableRowFragment>[]
  leaveOut?: 'job' | 'platform'
}) {
  const { label, builds, leaveOut } = props
  const columns: Column[] = [
    { name: 'Started' },
    ...(leaveOut === 'job' ? [] : [{ name: 'Job' }]),
    ...(leaveOut === 'platform' ? [] : [{ name: 'Platform' }]),
    { name: 'Result' },
    { name: 'Duration', number: true },
    { name: 'Main binary', number: true },
    { name: 'SHA-256' },
    { name: 'Reproduced' },
  ]
  return (
    <Table label={label} columns={columns}>
      {readFragment(BuildTableRowFragment, builds).map((build) => (
        <Row key={build.id}>
          <Cell className="whitespace-nowrap">
            <Link to={paths.build(build.job.name, build.uuid)} {...rowLink}>
              <RelativeTime at={build.startedAt} />
            </Link>
          </Cell>
          {leaveOut !== 'job' && (
            <Cell className="name">
              <Link to={paths.job(build.job.name)}>
                <Name>{build.job.name}</Name>
              </Link>
            </Cell>
          )}
          {leaveOut !== 'platform' && (
            <Cell className="name">
              <Link to={paths.platform(build.platform.name)} className="text-text">
                <Name>{build.platform.name}</Name>
              </Link>
            </Cell>
          )}
          <Cell className="whole-line wide:w-full">
            <Outcome of={build} />
          </Cell>
          <Cell number>{formatDuration(build.durationMs)}</Cell>
          <Cell number>{build.mainBinary && <ByteSize bytes={build.mainBinary.sizeBytes} />}</Cell>
          <Cell>
            {build.mainBinary && <Hash value={build.mainBinary.sha256} of={build.mainBinary.path} />}
          </Cell>
          <Cell className="to-the-end">{build.mainBinary && <Verdict of={build} />}</Cell>
        </Row>
      ))}
    </Table>
  )
}
