import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { Name } from '../ui/Name.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { UtcDay } from '../ui/UtcDay.tsx'

const SourceTableFragment = graphql(`
  fragment SourceTable on Content {
    isCut
    sources {
      builder
      job
      platform
      inputId
      buildCount
      newestBuild
      firstStartedAt
      newestStartedAt
    }
  }
`)

const columns = [
  { name: 'Builder' },
  { name: 'Platform' },
  { name: 'Job' },
  { name: 'Source' },
  { name: 'Builds', number: true },
  { name: 'First' },
  { name: 'Newest' },
]

/** `A`, `B`, …: inputs are compared with each other, and their hashes tell nobody more. */
const letterOf = (n: number) => (n < 26 ? String.fromCharCode(65 + n) : `${n + 1}`)

/** Who made the file, where, and from which inputs. */
export function SourceTable(props: { content: FragmentType<typeof SourceTableFragment> }) {
  const { sources, isCut } = readFragment(SourceTableFragment, props.content)
  const inputs = [...new Set(sources.flatMap(({ inputId }) => inputId ?? []))]
  return (
    <section aria-labelledby="sources" className="mt-8">
      <h2 id="sources">Who made it</h2>
      <p className="mt-1 mb-2 max-w-[45rem]">
        Each line is a builder on a platform.{' '}
        {inputs.length > 1
          ? 'Lines with the same letter began with the same source: the same packages, environment and system packages.'
          : inputs.length === 1
            ? 'Lines with the letter A began with the same source: the same packages, environment and system packages.'
            : 'These builds did not record all of their source.'}
        {isCut && ' Only the newest builds are shown.'}
      </p>
      <Table label="Who made it" columns={columns}>
        {sources.map((source) => (
          <Row key={source.newestBuild}>
            <Cell className="name">{source.builder ?? <span className="text-quiet">not known</span>}</Cell>
            <Cell className="name">
              <Link to={paths.platform(source.platform)}>
                <Name>{source.platform}</Name>
              </Link>
            </Cell>
            <Cell className="name">
              <Link to={paths.job(source.job)}>
                <Name>{source.job}</Name>
              </Link>
            </Cell>
            <Cell>
              {source.inputId === null ? (
                <span className="text-quiet">not recorded</span>
              ) : (
                <span title={`input id ${source.inputId}`}>
                  <span className="wide:hidden">source </span>
                  {letterOf(inputs.indexOf(source.inputId))}
                </span>
              )}
            </Cell>
            <Cell number>
              {source.buildCount.toLocaleString('en-US')}
              <span className="wide:hidden">{source.buildCount === 1 ? ' build' : ' builds'}</span>
            </Cell>
            <Cell className="whitespace-nowrap">
              <span className="wide:hidden">first </span>
              <UtcDay at={source.firstStartedAt} />
            </Cell>
            <Cell className="whitespace-nowrap">
              <span className="wide:hidden">newest </span>
              <Link to={paths.build(source.job, source.newestBuild)}>
                <UtcDay at={source.newestStartedAt} />
              </Link>
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}
