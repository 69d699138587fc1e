import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { adminPaths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { TokenTable } from './TokenTable.tsx'

const AdminTokensQuery = graphql(`
  query AdminTokens($first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      tokens(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          ...TokenRow
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

export const loadTokensPage = (client: ApolloClient, { request }: LoaderFunctionArgs) =>
  loadAdmin(client, AdminTokensQuery, readPage(new URL(request.url).searchParams, 50))

/** The tokens of all users. */
export function TokensPage() {
  const loaded = useLoaded<typeof loadTokensPage>()
  return (
    <AdminFrame
      title="Tokens"
      command="hub token list · hub token create USER NAME --scope SCOPE · hub token revoke TOKEN"
      loaded={loaded}
    >
      {({ mayChange, tokens }) => (
        <>
          <p className="mb-3 text-quiet">
            A token is created on the page of its user: see <Link to={adminPaths.users}>users</Link>.
          </p>
          {tokens.nodes.length === 0 ? (
            <Empty>There is no token.</Empty>
          ) : (
            <TokenTable tokens={tokens.nodes} mayChange={mayChange} />
          )}
          <Pager pageInfo={tokens.pageInfo} label="Pages of tokens" />
        </>
      )}
    </AdminFrame>
  )
}
