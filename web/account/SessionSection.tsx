import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { readFragment, graphql, type FragmentType } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { leaveTo } from './leave.ts'
import { FormError } from './TextField.tsx'

const SessionsFragment = graphql(`
  fragment Sessions on Viewer {
    sessions {
      id
      createdAt
      lastSeenAt
      lastSeenFrom
      program
      isCurrent
    }
  }
`)

const RevokeSession = graphql(`
  mutation RevokeSession($id: ID!) {
    revokeSession(input: { id: $id }) {
      __typename
    }
  }
`)

const SignOutEverywhere = graphql(`
  mutation SignOutEverywhere {
    signOutEverywhere {
      __typename
    }
  }
`)

/** Where the user is signed in, and the ways to end that. */
export function SessionSection({ viewer }: { viewer: FragmentType<typeof SessionsFragment> }) {
  const { sessions } = readFragment(SessionsFragment, viewer)
  const [revoke, { loading }] = useMutation(RevokeSession, {
    fetchPolicy: 'no-cache',
    refetchQueries: ['AccountPage'],
  })
  const [signOutEverywhere] = useMutation(SignOutEverywhere, { fetchPolicy: 'no-cache' })
  const [hasFailed, setHasFailed] = useState(false)
  const orFail = (done: Promise<unknown>) => void done.catch(() => setHasFailed(true))
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      {hasFailed && <FormError>That did not work. Try it again.</FormError>}
      <ul className="mt-2">
        {sessions.map(({ id, createdAt, lastSeenAt, lastSeenFrom, program, isCurrent }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-2">
            <div className="min-w-0 flex-1">
              <p>
                {program} {isCurrent && <span className="text-good">this browser</span>}
              </p>
              <p className="text-small text-quiet">
                since <RelativeTime at={createdAt} />, last used <RelativeTime at={lastSeenAt} /> from{' '}
                {lastSeenFrom}
              </p>
            </div>
            {!isCurrent && (
              <button
                type="button"
                className="control"
                disabled={loading}
                aria-label={`Sign out ${program}`}
                onClick={() => orFail(revoke({ variables: { id } }))}
              >
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="control mt-2"
        onClick={() => orFail(signOutEverywhere().then(() => leaveTo(paths.login())))}
      >
        Sign out everywhere
      </button>
    </section>
  )
}
