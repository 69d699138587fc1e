import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { readFragment, graphql, type FragmentType } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { FormError } from './FormError.tsx'
import { leaveTo } from './leave.ts'
import { refusalOf } from './refusal.ts'

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
      ... on Refusal {
        message
      }
    }
  }
`)

const SignOutEverywhere = graphql(`
  mutation SignOutEverywhere {
    signOutEverywhere {
      __typename
      ... on Refusal {
        message
      }
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
  const [problem, setProblem] = useState<string | null>(null)
  /** Shows why a session has not ended. Returns whether it has. */
  async function tell(ended: () => Promise<Parameters<typeof refusalOf>[0]>): Promise<boolean> {
    const found = refusalOf(await ended().catch(() => null))
    setProblem(found)
    return found === null
  }
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      {problem && <FormError>{problem}</FormError>}
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
                onClick={() =>
                  void tell(async () => (await revoke({ variables: { id } })).data?.revokeSession)
                }
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
        onClick={() =>
          void tell(async () => (await signOutEverywhere()).data?.signOutEverywhere).then((hasEnded) => {
            if (hasEnded) leaveTo(paths.login())
          })
        }
      >
        Sign out everywhere
      </button>
    </section>
  )
}
