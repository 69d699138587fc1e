import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { adminPaths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { ConfirmButton } from './ActButton.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminSessionsQuery = graphql(`
  query AdminSessions($user: String, $first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      sessions(user: $user, first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          userName
          createdAt
          lastSeenAt
          lastSeenFrom
          program
        }
        pageInfo {
          ...Pager
        }
      }
    }
  }
`)

const EndSessionMutation = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export const loadSessionsPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  return loadAdmin(client, AdminSessionsQuery, { user: search.get('user'), ...readPage(search, 50) })
}

const columns = [
  { name: 'User' },
  { name: 'Browser' },
  { name: 'Last request' },
  { name: 'From' },
  { name: 'Signed in' },
  { name: 'Actions', hidden: true },
]

/** Who is signed in, and where. */
export function SessionsPage() {
  const loaded = useLoaded<typeof loadSessionsPage>()
  return (
    <AdminFrame title="Sessions" command="hub session list · hub session end NUMBER" loaded={loaded}>
      {({ mayChange, sessions }) => (
        <>
          {sessions.nodes.length === 0 ? (
            <Empty>Nobody is signed in.</Empty>
          ) : (
            <Table label="Sessions" columns={columns}>
              {sessions.nodes.map((session) => (
                <Row key={session.id}>
                  <Cell className="name whole-line">
                    <Link to={adminPaths.user(session.userName)}>{visibleName(session.userName)}</Link>
                  </Cell>
                  <Cell className="wide:w-full">{session.program}</Cell>
                  <Cell className="whitespace-nowrap">
                    <RelativeTime at={session.lastSeenAt} />
                  </Cell>
                  <Cell className="wrap-anywhere roomy:whitespace-nowrap">{session.lastSeenFrom}</Cell>
                  <Cell className="whitespace-nowrap">
                    <RelativeTime at={session.createdAt} />
                  </Cell>
                  <Cell>
                    {mayChange && (
                      <ConfirmButton
                        label="End"
                        of={`session ${session.id} of ${session.userName}`}
                        title={`End this session of ${session.userName}?`}
                        mutation={EndSessionMutation}
                        variables={() => ({ id: session.id })}
                      >
                        <p>The user has to sign in again in that browser. That cannot be taken back.</p>
                      </ConfirmButton>
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          )}
          <Pager pageInfo={sessions.pageInfo} label="Pages of sessions" />
        </>
      )}
    </AdminFrame>
  )
}
