import { Link, useSearchParams } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { withParameters } from '../paging/page.ts'
import { paths } from '../paths.ts'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { TextFilter } from './TextFilter.tsx'

const UseSectionFragment = graphql(`
  fragment UseSection on Package {
    newestVersion
    uses(version: $version) {
      totalCount
      behindCount
      nodes {
        job
        platform
        uuid
        startedAt
        version
        isBehind
        identifiedBy
        isRequired
      }
    }
  }
`)

const columns = [
  { name: 'Job' },
  { name: 'Platform' },
  { name: 'Version' },
  { name: 'Newest build' },
  { name: 'How it is there' },
]

/** Which jobs have a package now. The address narrows it: `?version=<4.14`. */
export function UseSection(props: {
  of: FragmentType<typeof UseSectionFragment>
  problem: string | undefined
}) {
  const { newestVersion, uses } = readFragment(UseSectionFragment, props.of)
  const [search] = useSearchParams()
  const range = search.get('version')
  const narrow = (version: string | null) => ({ search: withParameters(search, { version }) })
  const isNarrowed = range !== null && props.problem === undefined
  return (
    <section aria-labelledby="uses">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2 id="uses">
          Who has it now{' '}
          <span className="font-normal text-quiet tabular-nums">
            {uses.totalCount.toLocaleString('en-US')}
          </span>
        </h2>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-small">
          <TextFilter parameter="version" label="Version" placeholder="<4.14" problem={props.problem} />
          {isNarrowed ? (
            <Link to={narrow(null)} preventScrollReset>
              All versions
            </Link>
          ) : (
            uses.behindCount > 0 && (
              <Link to={narrow(`<${newestVersion}`)} preventScrollReset>
                Only those behind {newestVersion}
              </Link>
            )
          )}
        </div>
      </div>
      {uses.nodes.length > 0 ? (
        <Table label="Who has it now" columns={columns}>
          {uses.nodes.map(({ job, platform, uuid, startedAt, version, isBehind, ...how }) => (
            <Row key={`${uuid} ${version}`}>
              <Cell className="name whole-line">
                <Link to={paths.job(job)}>
                  <Name>{job}</Name>
                </Link>
              </Cell>
              <Cell className="name">
                <Name>{platform}</Name>
              </Cell>
              <Cell className="wrap-anywhere">
                <Name>{version}</Name>
                {isBehind && <span className="text-warn"> behind</span>}
              </Cell>
              <Cell className="whitespace-nowrap">
                <Link to={paths.build(job, uuid)}>
                  <RelativeTime at={startedAt} />
                </Link>
              </Cell>
              <Cell className="to-the-end text-quiet wide:w-full">{howItIsThere(how)}</Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>
          {isNarrowed
            ? `No newest build has a version ${range}.`
            : 'No newest build of a job has it any more.'}
        </Empty>
      )}
      {uses.nodes.length < uses.totalCount && (
        <p className="mt-2 text-quiet">
          The first {uses.nodes.length.toLocaleString('en-US')}: narrow the list by a version.
        </p>
      )}
    </section>
  )
}

function howItIsThere({ identifiedBy, isRequired }: { identifiedBy: string; isRequired: boolean }): string {
  switch (identifiedBy) {
    case 'CHECKSUM':
      return 'vendored, known by its checksum'
    case 'URL':
      return 'vendored, as its address says'
    default:
      return isRequired ? 'installed by opam' : 'installed by opam to build'
  }
}
