import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs, useNavigate } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { adminPaths, paths } from '../paths.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { roleWords } from '../ui/role-words.ts'
import { TextField } from '../ui/TextField.tsx'
import { ActButton, ConfirmButton, textOf } from './ActButton.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { readRole, RoleField } from './RoleField.tsx'
import { TokensOfUser } from './TokensOfUser.tsx'
import { ChangeUserAddress, UserAddress } from './UserAddress.tsx'
import { uploadWords } from './UsersPage.tsx'

const AdminUserQuery = graphql(`
  query AdminUser($name: String!) {
    admin {
      mayChange
      user(name: $name) {
        name
        role
        isUnrestricted
        isDisabled
        hasSecondFactor
        issuer
        email {
          ...UserAddress
        }
        jobs
        createdAt
        buildCount
      }
      tokens(user: $name, first: 100) {
        nodes {
          id
          ...TokenRow
        }
      }
      sessions(user: $name, first: 0) {
        totalCount
      }
    }
  }
`)

const UpdateUserMutation = graphql(`
  mutation UpdateUser(
    $name: String!
    $role: Role
    $isUnrestricted: Boolean
    $isDisabled: Boolean
    $password: String
  ) {
    updateUser(
      name: $name
      role: $role
      isUnrestricted: $isUnrestricted
      isDisabled: $isDisabled
      password: $password
    ) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveUserMutation = graphql(`
  mutation RemoveUser($name: String!, $confirmation: String!) {
    removeUser(name: $name, confirmation: $confirmation) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveSecondFactorMutation = graphql(`
  mutation AdminRemoveSecondFactor($input: RemoveSecondFactorInput!) {
    removeSecondFactor(input: $input) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const AddAccessMutation = graphql(`
  mutation AddAccess($user: String!, $job: String!) {
    addAccess(user: $user, job: $job) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveAccessMutation = graphql(`
  mutation RemoveAccess($user: String!, $job: String!) {
    removeAccess(user: $user, job: $job) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const CreateTokenMutation = graphql(`
  mutation CreateToken($user: String!, $name: String!, $scopes: [String!]!, $days: Int) {
    createToken(user: $user, name: $name, scopes: $scopes, days: $days) {
      __typename
      ... on Refusal {
        message
      }
      ... on CreateTokenSuccess {
        token {
          text
        }
      }
    }
  }
`)

export async function loadUserPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const name = params['user'] ?? ''
  return { name, loaded: await loadAdmin(client, AdminUserQuery, { name }) }
}

/** A user: what the user may do, tokens and sessions. */
export function UserPage() {
  const { name, loaded } = useLoaded<typeof loadUserPage>()
  const navigate = useNavigate()
  return (
    <AdminFrame
      title={name}
      command="hub user update NAME · hub access add NAME JOB · hub token create USER NAME --scope SCOPE"
      loaded={loaded}
    >
      {({ mayChange, sessions, tokens, user }) =>
        user === null ? (
          <Empty>
            There is no such user: see <Link to={adminPaths.users}>all users</Link>.
          </Empty>
        ) : (
          <>
            <Facts
              facts={[
                [
                  'Role',
                  <>
                    {roleWords[user.role]}
                    {user.isDisabled && <span className="font-semibold text-warn"> (disabled)</span>}
                  </>,
                ],
                ['May upload', uploadWords(user)],
                ['Second factor', user.hasSecondFactor ? 'yes' : 'no'],
                ['Signs in', user.issuer ?? 'by a password'],
                ['Notifications go to', <UserAddress email={user.email} />],
                ['Added', <ExactTime at={user.createdAt} />],
                ['Builds', user.buildCount.toLocaleString('en-US')],
                [
                  'Sessions',
                  sessions.totalCount === 0 ? (
                    'none'
                  ) : (
                    <Link to={adminPaths.sessionsOf(name)}>{sessions.totalCount}</Link>
                  ),
                ],
              ]}
            />
            {mayChange && (
              <div className="mt-4 flex flex-wrap gap-2">
                <ConfirmButton
                  label="Change role"
                  title={`Role of ${name}`}
                  mutation={UpdateUserMutation}
                  variables={(form) => ({ name, role: readRole(form) })}
                >
                  <RoleField role={user.role} />
                </ConfirmButton>
                <ConfirmButton
                  label="Change password"
                  title={`New password of ${name}`}
                  mutation={UpdateUserMutation}
                  variables={(form) => ({ name, password: textOf(form, 'password') })}
                >
                  <p>The old password and all sessions of the user end. Tokens stay.</p>
                  <TextField name="password" label="New password" type="password" required />
                </ConfirmButton>
                <ChangeUserAddress name={name} email={user.email} />
                {user.hasSecondFactor && (
                  <ConfirmButton
                    label="Remove second factor"
                    title={`Remove the second factor of ${name}?`}
                    mutation={RemoveSecondFactorMutation}
                    variables={() => ({ input: { user: name } })}
                  >
                    <p>The user signs in with the password alone, until a new second factor is set up.</p>
                  </ConfirmButton>
                )}
                {user.isDisabled ? (
                  <ActButton
                    label="Enable"
                    mutation={UpdateUserMutation}
                    variables={{ name, isDisabled: false }}
                  />
                ) : (
                  <ConfirmButton
                    label="Disable"
                    title={`Disable ${name}?`}
                    mutation={UpdateUserMutation}
                    variables={() => ({ name, isDisabled: true })}
                  >
                    <p>
                      Every request of the user is refused, with tokens, too, and sessions end. Nothing is
                      removed: enabling the user takes it back.
                    </p>
                  </ConfirmButton>
                )}
                {user.buildCount === 0 && (
                  <ConfirmButton
                    label="Remove user"
                    title={`Remove ${name}?`}
                    name={name}
                    mutation={RemoveUserMutation}
                    variables={() => ({ name, confirmation: name })}
                    onDone={() => void navigate(adminPaths.users)}
                  >
                    <p>
                      The user goes for good, with {tokens.nodes.length}{' '}
                      {tokens.nodes.length === 1 ? 'token' : 'tokens'} and {sessions.totalCount}{' '}
                      {sessions.totalCount === 1 ? 'session' : 'sessions'}. The audit log stays.
                    </p>
                  </ConfirmButton>
                )}
              </div>
            )}
            <AdminSection title="Jobs that the user may upload">
              {user.role !== 'UPLOADER' || user.isUnrestricted ? (
                <p className="text-quiet">{uploadWords(user)}</p>
              ) : (
                <ul>
                  {user.jobs.map((job) => (
                    <li
                      key={job}
                      className="flex items-center justify-between gap-2 border-t border-line py-1"
                    >
                      <Link to={paths.job(job)} className="wrap-anywhere">
                        <Name>{job}</Name>
                      </Link>
                      {mayChange && (
                        <ActButton
                          label="Take back"
                          of={job}
                          mutation={RemoveAccessMutation}
                          variables={{ user: name, job }}
                        />
                      )}
                    </li>
                  ))}
                </ul>
              )}
              {mayChange && user.role === 'UPLOADER' && (
                <div className="mt-2 flex flex-wrap gap-2">
                  <ActButton
                    label={user.isUnrestricted ? 'Allow only jobs of a list' : 'Allow every job'}
                    mutation={UpdateUserMutation}
                    variables={{ name, isUnrestricted: !user.isUnrestricted }}
                  />
                  {!user.isUnrestricted && (
                    <ConfirmButton
                      label="Allow a job"
                      title={`A job that ${name} may upload`}
                      mutation={AddAccessMutation}
                      variables={(form) => ({ user: name, job: textOf(form, 'job') })}
                    >
                      <TextField name="job" label="Name of the job, which need not exist yet" required />
                    </ConfirmButton>
                  )}
                </div>
              )}
            </AdminSection>
            <AdminSection title="Tokens">
              <TokensOfUser
                tokens={tokens.nodes}
                role={user.role}
                title={`Create a token of ${name}`}
                create={CreateTokenMutation}
                variables={(asked) => ({ user: name, ...asked })}
                mayCreate={mayChange && !user.isDisabled}
                mayChange={mayChange}
              />
            </AdminSection>
          </>
        )
      }
    </AdminFrame>
  )
}
