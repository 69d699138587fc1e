import { Icon } from '../ui/Icon.tsx'
import { type BuildOutcome, describeOutcome } from './result.ts'

/** `✓ Succeeded`, or `✗ Failed: compile error` on one line; of what is not known, how it ended. */
export function Outcome({ of }: { of: BuildOutcome }) {
  const { good, word, how, why } = describeOutcome(of)
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Icon name={good ? 'check' : 'cross'} className={good ? 'text-good' : 'text-bad'} />
      {good ? (
        <span>{word}</span>
      ) : (
        <span className="line-clamp-1 min-w-0 break-all" title={how}>
          <span className="text-bad">{word}</span>: {why ?? how}
        </span>
      )}
    </span>
  )
}
