import { useQuery } from '@apollo/client/react'
import { useDeferredValue } from 'react'
import { graphql } from '../gql/index.ts'
import type { SchedulePeriod } from '../gql/graphql.ts'
import { formatUtc } from '../ui/time.ts'
import { describePeriod } from './period-words.ts'

const NextTimesQuery = graphql(`
  query NextTimes($period: SchedulePeriod!, $cron: String, $timeZone: String) {
    nextTimes(period: $period, cron: $cron, timeZone: $timeZone) {
      __typename
      ... on Refusal {
        message
      }
      ... on NextTimesSuccess {
        times
      }
    }
  }
`)

/** The next five times of a period, as the server reads it, or what is wrong with it. */
export function NextTimes(props: { period: SchedulePeriod; cron: string; timeZone: string }) {
  const { period, cron, timeZone } = useDeferredValue(props)
  const { data, error } = useQuery(NextTimesQuery, {
    variables: period === 'CRON' ? { period, cron, timeZone } : { period },
    skip: period !== 'CRON',
    fetchPolicy: 'no-cache',
  })
  if (period !== 'CRON') return null
  const found = data?.nextTimes
  const fault = error?.message ?? (found && 'message' in found ? found.message : undefined)
  return (
    <div role="status" aria-label="Next times" className="min-h-32 text-small">
      {fault !== undefined ? (
        <p className="text-bad wrap-anywhere">{fault}</p>
      ) : (
        <>
          <p>{describePeriod({ period, cron, timeZone })}</p>
          <ol className="text-quiet tabular-nums">
            {found && 'times' in found && found.times.map((time) => <li key={time}>{formatUtc(time)}</li>)}
          </ol>
        </>
      )}
    </div>
  )
}
