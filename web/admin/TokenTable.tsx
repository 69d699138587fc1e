import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { adminPaths } from '../paths.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleName, visibleText } from '../ui/visible-text.ts'
import { ConfirmButton } from './ActButton.tsx'
import type { Mutation } from './use-act.ts'

const TokenRowFragment = graphql(`
  fragment TokenRow on Token {
    id
    userName
    name
    prefix
    scopes
    networks
    state
    expiresAt
    lastUsedAt
    lastUsedFrom
  }
`)

const RevokeTokenMutation = graphql(`
  mutation RevokeToken($id: ID!) {
    revokeToken(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const columns = [
  { name: 'Token' },
  { name: 'User' },
  { name: 'Scopes' },
  { name: 'State' },
  { name: 'Last used' },
  { name: 'Actions', hidden: true },
]

export function TokenTable(props: {
  tokens: readonly FragmentType<typeof TokenRowFragment>[]
  mayChange: boolean
  /** The page says already whose tokens they are. */
  isOfOneUser?: boolean
  /** Default: that of administrators. */
  revokeBy?: Mutation<{ id: string }>
}) {
  const shown = props.isOfOneUser ? columns.filter(({ name }) => name !== 'User') : columns
  return (
    <Table label="Tokens" columns={shown} className="many-columns">
      {props.tokens.map((masked) => {
        const token = readFragment(TokenRowFragment, masked)
        return (
          <Row key={token.id}>
            <Cell className="name whole-line roomy:w-1/2">
              <code>{token.prefix}…</code> {visibleText(token.name)}
            </Cell>
            {!props.isOfOneUser && (
              <Cell className="name">
                <Link to={adminPaths.user(token.userName)}>{visibleName(token.userName)}</Link>
              </Cell>
            )}
            <Cell className="wrap-anywhere roomy:w-1/2">
              <code>{token.scopes.join(' ')}</code>
              {token.networks && <span className="text-quiet"> from {token.networks.join(', ')}</span>}
            </Cell>
            <Cell className={token.state === 'ACTIVE' ? 'whitespace-nowrap text-good' : 'text-quiet'}>
              {token.state.toLowerCase()}
              {token.state === 'ACTIVE' && token.expiresAt && (
                <span className="text-quiet">
                  , ends <RelativeTime at={token.expiresAt} />
                </span>
              )}
            </Cell>
            <Cell className="whitespace-nowrap">
              {token.lastUsedAt ? (
                <>
                  <RelativeTime at={token.lastUsedAt} />
                  {token.lastUsedFrom && <span className="text-quiet"> from {token.lastUsedFrom}</span>}
                </>
              ) : (
                <span className="text-quiet">never used</span>
              )}
            </Cell>
            <Cell>
              {props.mayChange && token.state === 'ACTIVE' && (
                <ConfirmButton
                  label="Revoke"
                  of={`token ${token.prefix}`}
                  title={`Revoke the token ${token.prefix}…?`}
                  mutation={props.revokeBy ?? RevokeTokenMutation}
                  variables={() => ({ id: token.id })}
                >
                  <p>Machines that use it are refused from the next request on. That cannot be taken back.</p>
                </ConfirmButton>
              )}
            </Cell>
          </Row>
        )
      })}
    </Table>
  )
}
