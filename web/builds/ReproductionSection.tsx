import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { Name } from '../ui/Name.tsx'

/** In front of the names of this list's parameters: the page has another list. */
export const reproductionsPrefix = 'reproductions-'

export const ReproductionSectionFragment = graphql(`
  fragment ReproductionSection on Build {
    id
    uuid
    startedAt
    inputId
    reproducibility {
      verdict
      reproductions(first: $first, after: $after, last: $last, before: $before) {
        edges {
          node {
            id
            uuid
            startedAt
            inputId
            uploadedBy
            job {
              id
              name
            }
            platform {
              id
              name
            }
          }
        }
        pageInfo {
          ...Pager
        }
      }
      otherOutputs {
        id
        uuid
        startedAt
        mainBinary {
          id
          sizeBytes
          sha256
        }
      }
    }
  }
`)

const columns = [
  { name: 'Started' },
  { name: 'Job' },
  { name: 'Platform' },
  { name: 'Input' },
  { name: 'Uploaded by' },
  { name: 'Comparison', hidden: true },
]

/** The other builds with this main binary; and what else its input gave. `total`: how many there are. */
export function ReproductionSection(props: {
  build: FragmentType<typeof ReproductionSectionFragment>
  total: number
}) {
  const build = readFragment(ReproductionSectionFragment, props.build)
  const { verdict, reproductions, otherOutputs } = build.reproducibility
  if (verdict === 'NO_OUTPUT') return null
  // The older one is on the left.
  const compare = (other: { uuid: string; startedAt: string }) =>
    other.startedAt < build.startedAt
      ? paths.compare(other.uuid, build.uuid)
      : paths.compare(build.uuid, other.uuid)
  return (
    <section aria-labelledby="reproductions" className="mt-8">
      <h2 id="reproductions" className="scroll-mt-4">
        Other builds of this output{' '}
        <span className="font-normal text-quiet tabular-nums">{props.total.toLocaleString('en-US')}</span>
      </h2>
      {otherOutputs.length > 0 && (
        <div className="mt-1 mb-3">
          <p className="text-warn">Builds of the same input produced other binaries, too:</p>
          <ul className="mt-1 space-y-1">
            {otherOutputs.map((other) => (
              <li key={other.id} className="flex flex-wrap items-center gap-x-4">
                <RelativeTime at={other.startedAt} />
                {other.mainBinary && (
                  <>
                    <ByteSize bytes={other.mainBinary.sizeBytes} />
                    <Hash
                      value={other.mainBinary.sha256}
                      of="the other main binary"
                      to={paths.hash(other.mainBinary.sha256)}
                    />
                  </>
                )}
                <Link to={compare(other)} className="inline-flex items-center gap-0.5">
                  what differs <Icon name="forward" className="size-3.5" />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {reproductions.edges.length > 0 ? (
        <Table label="Other builds of this output" columns={columns}>
          {reproductions.edges.map(({ node }) => (
            <Row key={node.id}>
              <Cell className="whitespace-nowrap">
                <Link to={paths.build(node.job.name, node.uuid)} {...rowLink}>
                  <RelativeTime at={node.startedAt} />
                </Link>
              </Cell>
              <Cell className="name">
                <Link to={paths.job(node.job.name)}>
                  <Name>{node.job.name}</Name>
                </Link>
              </Cell>
              <Cell className="name">
                <Link to={paths.platform(node.platform.name)}>
                  <Name>{node.platform.name}</Name>
                </Link>
              </Cell>
              <Cell className="wide:w-full">
                {node.inputId !== null && node.inputId === build.inputId ? 'same input' : 'other input'}
              </Cell>
              <Cell className="name">{node.uploadedBy ?? ''}</Cell>
              <Cell className="to-the-end whitespace-nowrap">
                <Link to={compare(node)}>compare</Link>
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>
          No other build has produced this binary yet. A second build of the same input should produce the
          same bytes.
        </Empty>
      )}
      <Pager pageInfo={reproductions.pageInfo} label="Pages of reproductions" prefix={reproductionsPrefix} />
    </section>
  )
}
