import { TokensOfUser } from '../admin/TokensOfUser.tsx'
import { readFragment, graphql, type FragmentType } from '../gql/index.ts'

const OwnTokensFragment = graphql(`
  fragment OwnTokens on Viewer {
    role
    tokens {
      id
      ...TokenRow
    }
  }
`)

const CreateOwnTokenMutation = graphql(`
  mutation CreateOwnToken($name: String!, $scopes: [String!]!, $days: Int) {
    createOwnToken(input: { name: $name, scopes: $scopes, days: $days }) {
      __typename
      ... on Refusal {
        message
      }
      ... on CreateOwnTokenSuccess {
        token {
          text
        }
      }
    }
  }
`)

const RevokeOwnTokenMutation = graphql(`
  mutation RevokeOwnToken($id: ID!) {
    revokeOwnToken(input: { id: $id }) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** The tokens of the user that count: to create some for machines, and to end them. */
export function TokenSection({ viewer }: { viewer: FragmentType<typeof OwnTokensFragment> }) {
  const { role, tokens } = readFragment(OwnTokensFragment, viewer)
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">Tokens</h2>
      <p className="mt-1 mb-2 text-quiet">
        Secrets for your machines. Each may do what its scopes say, and never more than you.
      </p>
      <TokensOfUser
        tokens={tokens}
        role={role}
        title="Create a token"
        create={CreateOwnTokenMutation}
        variables={(asked) => asked}
        revokeBy={RevokeOwnTokenMutation}
        mayCreate
        mayChange
      />
    </section>
  )
}
