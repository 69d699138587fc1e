import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs } from 'react-router'
import type { Role } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { adminPaths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { roleWords } from '../ui/role-words.ts'
import { TextField } from '../ui/TextField.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { ConfirmButton, textOf } from './ActButton.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { readRole, RoleField } from './RoleField.tsx'

const AdminUsersQuery = graphql(`
  query AdminUsers($first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      users(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          name
          role
          isUnrestricted
          isDisabled
          hasSecondFactor
          jobs
          buildCount
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

const AddUserMutation = graphql(`
  mutation AddUser($name: String!, $password: String, $role: Role!) {
    addUser(name: $name, password: $password, role: $role) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export const loadUsersPage = (client: ApolloClient, { request }: LoaderFunctionArgs) =>
  loadAdmin(client, AdminUsersQuery, readPage(new URL(request.url).searchParams, 50))

const columns = [{ name: 'User' }, { name: 'Role' }, { name: 'May upload' }, { name: 'Builds', number: true }]

/** `every job`, `2 jobs`, `nothing`. */
export function uploadWords(user: { role: Role; isUnrestricted: boolean; jobs: readonly string[] }): string {
  if (user.role === 'READER' || user.role === 'WORKER') return 'nothing'
  if (user.isUnrestricted || user.role === 'ADMIN') return 'every job'
  if (user.jobs.length === 0) return 'nothing yet'
  return user.jobs.length === 1 ? '1 job' : `${user.jobs.length} jobs`
}

/** All users. */
export function UsersPage() {
  const loaded = useLoaded<typeof loadUsersPage>()
  return (
    <AdminFrame title="Users" command="hub user list · hub user add NAME" loaded={loaded}>
      {({ mayChange, users }) => (
        <>
          {mayChange && (
            <div className="mb-3">
              <ConfirmButton
                label="Add user"
                title="Add a user"
                mutation={AddUserMutation}
                variables={(form) => ({
                  name: textOf(form, 'name'),
                  password: textOf(form, 'password') || null,
                  role: readRole(form),
                })}
              >
                <TextField name="name" label="Name" required />
                <TextField name="password" label="Password" type="password" hint="A worker needs none." />
                <RoleField role="UPLOADER" />
              </ConfirmButton>
            </div>
          )}
          {users.nodes.length === 0 ? (
            <Empty>There is no user.</Empty>
          ) : (
            <Table label="Users" columns={columns}>
              {users.nodes.map((user) => (
                <Row key={user.name}>
                  <Cell className="name whole-line">
                    <Link to={adminPaths.user(user.name)}>{visibleName(user.name)}</Link>
                    {user.isDisabled && <span className="text-warn"> disabled</span>}
                  </Cell>
                  <Cell className="whitespace-nowrap">
                    {roleWords[user.role]}
                    {user.hasSecondFactor && <span className="text-quiet">, second factor</span>}
                  </Cell>
                  <Cell className="wide:w-full">
                    <span className="wide:hidden">uploads </span>
                    {uploadWords(user)}
                  </Cell>
                  <Cell number>
                    {user.buildCount.toLocaleString('en-US')}
                    <span className="wide:hidden"> {user.buildCount === 1 ? 'build' : 'builds'}</span>
                  </Cell>
                </Row>
              ))}
            </Table>
          )}
          <Pager pageInfo={users.pageInfo} label="Pages of users" backward="Previous" forward="Next" />
        </>
      )}
    </AdminFrame>
  )
}
