import { useMutation, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { refusalOf } from './refusal.ts'
import { SubscribeMutation } from './SubscriptionForm.tsx'
import { UnsubscribeMutation } from './SubscriptionList.tsx'
import { usualTransitions } from './subscription-words.ts'

const SubscriptionOfJobQuery = graphql(`
  query SubscriptionOfJob {
    viewer {
      canGetMail
      email {
        confirmedAt
        problem
      }
      subscriptions {
        id
        jobs
      }
    }
  }
`)

/** Subscribes who is signed in to a job, or ends that; nothing for others, and where no mail is sent. */
export default function SubscribeButton({ job }: { job: string }) {
  const { data, refetch } = useQuery(SubscriptionOfJobQuery, { fetchPolicy: 'no-cache', errorPolicy: 'all' })
  const [subscribe] = useMutation(SubscribeMutation, { fetchPolicy: 'no-cache' })
  const [unsubscribe] = useMutation(UnsubscribeMutation, { fetchPolicy: 'no-cache' })
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const viewer = data?.viewer
  if (!viewer?.canGetMail) return null
  const own = viewer.subscriptions.find(({ jobs }) => jobs.length === 1 && jobs[0] === job)
  const isReachable = viewer.email?.confirmedAt != null && viewer.email.problem === null

  async function toggle() {
    setIsBusy(true)
    try {
      const input = {
        jobs: [job],
        platforms: null,
        events: [...usualTransitions],
        digest: 'INSTANT' as const,
      }
      const result = own
        ? (await unsubscribe({ variables: { id: own.id } })).data?.unsubscribe
        : (await subscribe({ variables: { input } })).data?.subscribe
      setProblem(refusalOf(result))
      await refetch()
    } catch {
      setProblem('The server cannot be reached. Try it again.')
    } finally {
      setIsBusy(false)
    }
  }

  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3">
      <button type="button" className="control" disabled={isBusy} onClick={() => void toggle()}>
        {own ? 'Unsubscribe' : 'Subscribe'}
      </button>
      <span role="status" className="text-small text-quiet">
        {own && (
          <>
            You are mailed when it fails newly, is fixed or changes.{' '}
            {!isReachable && <Link to={`${paths.account}#notifications`}>First confirm an address.</Link>}
          </>
        )}
      </span>
      {problem !== null && (
        <span role="alert" className="text-small text-bad">
          {problem}
        </span>
      )}
    </div>
  )
}
