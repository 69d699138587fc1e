import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { UtcDay } from '../ui/UtcDay.tsx'

const TrustedKeysFragment = graphql(`
  fragment TrustedKeys on Query {
    trustedKeys {
      keyId
      name
      owner
      group
      addedAt
      revokedAt
      revokedFor
      attestationCount
    }
  }
`)

const columns = [
  { name: 'Name' },
  { name: 'Registered by' },
  { name: 'Group' },
  { name: 'Statements', number: true },
  { name: 'Since' },
  { name: 'Key id' },
]

/** The keys of others, whose statements this site receives. Nothing if there are none. */
export function TrustedKeys(props: { keys: FragmentType<typeof TrustedKeysFragment> }) {
  const { trustedKeys } = readFragment(TrustedKeysFragment, props.keys)
  if (trustedKeys.length === 0) return null
  return (
    <section aria-labelledby="others" className="mb-8">
      <h2 id="others" className="mb-1">
        Keys of others
      </h2>
      <p className="mb-2 max-w-[45rem]">
        Other builders sign with these keys what their own builds made. Their statements do not depend on this
        site being honest: save their key ids, too. A key with a group counts as a vote by the policy of this
        site.
      </p>
      <Table label="Keys of others" columns={columns}>
        {trustedKeys.map((key) => (
          <Row key={key.keyId}>
            <Cell className="name">{key.name}</Cell>
            <Cell className="name">{key.owner ?? <span className="text-quiet">a removed user</span>}</Cell>
            <Cell>{key.group ?? <span className="text-quiet">none</span>}</Cell>
            <Cell number>{key.attestationCount.toLocaleString('en-US')}</Cell>
            <Cell className="whitespace-nowrap">
              {key.revokedAt === null ? (
                <UtcDay at={key.addedAt} />
              ) : (
                <span className="text-bad wrap-anywhere whitespace-normal">
                  revoked <UtcDay at={key.revokedAt} />: {key.revokedFor}
                </span>
              )}
            </Cell>
            <Cell className="whole-line">
              <code className="wrap-anywhere">{key.keyId}</code>
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}
