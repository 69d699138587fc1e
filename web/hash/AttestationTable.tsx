import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { AttestationKind } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { UtcDay } from '../ui/UtcDay.tsx'

const AttestationTableFragment = graphql(`
  fragment AttestationTable on Content {
    attestations {
      uuid
      kind
      attester
      statedAt
      keyId
      isKeyRevoked
    }
  }
`)

const columns = [
  { name: 'Signed by' },
  { name: 'What it says' },
  { name: 'When' },
  { name: 'Key' },
  { name: 'File', hidden: true },
]

const claims: Record<AttestationKind, string> = {
  PROVENANCE: 'a build made this file',
  CONFIRMED: 'independent builders made this file from the same source',
  DIFFERENT: 'a rebuild of the same source made another file',
  OTHER: 'something else',
}

/** What was signed about the file, by this site and by others. */
export function AttestationTable(props: { content: FragmentType<typeof AttestationTableFragment> }) {
  const { attestations } = readFragment(AttestationTableFragment, props.content)
  return (
    <section aria-labelledby="signed" className="mt-8">
      <h2 id="signed">What is signed</h2>
      <p className="mt-1 mb-2 max-w-[45rem]">
        A signature proves who said something, and that nobody changed it since. It does not prove that the
        program is good. The <Link to={paths.keys}>keys</Link> are public: anyone can check.
      </p>
      {attestations.length === 0 ? (
        <p className="text-quiet">Nobody has signed anything about this file yet.</p>
      ) : (
        <Table label="What is signed" columns={columns}>
          {attestations.map(({ uuid, kind, attester, statedAt, keyId, isKeyRevoked }) => (
            <Row key={uuid}>
              <Cell className="name">{attester ?? 'this site'}</Cell>
              <Cell className="whole-line">
                {isKeyRevoked ? (
                  <span className="text-warn">nothing: its key was revoked</span>
                ) : (
                  claims[kind]
                )}
              </Cell>
              <Cell className="whitespace-nowrap">
                <UtcDay at={statedAt} />
              </Cell>
              <Cell>
                <code title={keyId}>{keyId.slice(0, 8)}</code>
              </Cell>
              <Cell>
                <a href={`/attestation/${uuid}`}>the statement</a>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  )
}
