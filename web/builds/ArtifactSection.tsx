import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { Name } from '../ui/Name.tsx'

const ArtifactSectionFragment = graphql(`
  fragment ArtifactSection on Build {
    uuid
    job {
      id
      name
    }
    artifacts(first: $first, after: $after, last: $last, before: $before) {
      edges {
        node {
          id
          path
          sha256
          sizeBytes
          mediaType
          isDamaged
        }
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
  }
`)

const columns = [{ name: 'Path' }, { name: 'Type' }, { name: 'Size', number: true }, { name: 'SHA-256' }]

export function ArtifactSection(props: { build: FragmentType<typeof ArtifactSectionFragment> }) {
  const { job, uuid, artifacts } = readFragment(ArtifactSectionFragment, props.build)
  return (
    <section aria-labelledby="artifacts" className="mt-8">
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <h2 id="artifacts" className="scroll-mt-4">
          Artifacts <span className="font-normal text-quiet tabular-nums">{artifacts.totalCount}</span>
        </h2>
        <ExportLinks list="files" filter={{ build: uuid }} of="artifacts" />
      </div>
      {artifacts.edges.length > 0 ? (
        <Table label="Artifacts" columns={columns}>
          {artifacts.edges.map(({ node: { id, path, mediaType, sizeBytes, sha256, isDamaged } }) => (
            <Row key={id}>
              <Cell className="whole-line wide:w-full">
                <a href={paths.artifact(job.name, uuid, path)} className="break-all" {...rowLink}>
                  <code>
                    <Name>{path}</Name>
                  </code>
                </a>
                {isDamaged && (
                  <strong
                    className="ml-2 text-bad"
                    title="The server has found this file missing or damaged: it cannot be downloaded until its content is uploaded again."
                  >
                    damaged
                  </strong>
                )}
              </Cell>
              <Cell className="text-quiet wide:whitespace-nowrap">{mediaType}</Cell>
              <Cell number>
                <ByteSize bytes={sizeBytes} />
              </Cell>
              <Cell className="to-the-end">
                <Hash value={sha256} of={path} to={paths.hash(sha256)} />
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>This build left no files.</Empty>
      )}
      <Pager
        pageInfo={artifacts.pageInfo}
        label="Pages of artifacts"
        backward="Previous"
        forward="Next"
        of={{ count: artifacts.totalCount, size: 100 }}
      />
    </section>
  )
}
