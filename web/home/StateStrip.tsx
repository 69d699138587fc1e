import { Link, useSearchParams } from 'react-router'
import { withParameters } from '../paging/page.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { isIn, states, stateWords, type OverviewJob, type State } from './overview.ts'

const looks: Record<State, { sign: IconName; tone: string }> = {
  failing: { sign: 'cross', tone: 'text-bad' },
  disputed: { sign: 'unequal', tone: 'text-warn' },
  affected: { sign: 'alarm', tone: 'text-warn' },
  unconfirmed: { sign: 'once', tone: 'text-quiet' },
  stale: { sign: 'minus', tone: 'text-quiet' },
}

/** How many jobs have which problem; each leads to these jobs, and back. `isAll`: those that nobody builds any more count, too. */
export function StateStrip(props: { jobs: readonly OverviewJob[]; chosen: State | null; isAll: boolean }) {
  const { jobs, chosen, isAll } = props
  const [search] = useSearchParams()
  const counts = (Object.keys(states) as State[]).map((state) => {
    const found = jobs.filter(
      (job) => isIn(state, job) && (isAll || state === 'stale' || !job.problems.includes('STALE')),
    )
    return { state, count: found.length }
  })
  const shown = counts.filter(({ state, count }) => count > 0 || state === chosen)
  const isGood = counts.every(
    ({ state, count }) => count === 0 || state === 'unconfirmed' || state === 'stale',
  )
  return (
    <ul aria-label="What needs attention" className="flex flex-wrap gap-2">
      {isGood && (
        <li className="inline-flex min-h-8 items-center gap-1.5 pr-2 text-small text-good">
          <Icon name="check" /> nothing fails
        </li>
      )}
      {shown.map(({ state, count }) => (
        <li key={state}>
          <Link
            to={{ search: withParameters(search, { state: state === chosen ? null : state }) }}
            preventScrollReset
            aria-current={state === chosen ? 'true' : undefined}
            className="filter-chip"
          >
            <Icon name={looks[state].sign} className={looks[state].tone} />
            <span className="font-semibold tabular-nums">{count}</span> {stateWords[state]}
          </Link>
        </li>
      ))}
    </ul>
  )
}
