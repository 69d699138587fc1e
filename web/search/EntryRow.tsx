import { Icon } from '../ui/Icon.tsx'
import type { Entry } from './search-entries.ts'

/** Platforms whose state a row tells: the first ones. */
const maxStates = 3

/** What stands beside the name of something that was found. */
export function EntryFacts({ entry: { detail, states } }: { entry: Entry }) {
  return (
    <>
      {detail && <span className="min-w-0 text-small wrap-anywhere text-quiet">{detail}</span>}
      {states.slice(0, maxStates).map(({ sign, tone, words }) => (
        <span key={words} className="inline-flex min-w-0 items-center gap-1 text-small">
          <Icon name={sign} className={tone} />
          <span className="min-w-0 wrap-anywhere">{words}</span>
        </span>
      ))}
      {states.length > maxStates && (
        <span className="text-small text-quiet">and {states.length - maxStates} more</span>
      )}
    </>
  )
}
