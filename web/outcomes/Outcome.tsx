import { cutText } from '../ui/cut-text.ts'
import { Icon } from '../ui/Icon.tsx'
import { type BuildOutcome, describeOutcome } from './result.ts'

/** `✓ Succeeded`, or `✗ Failed: compile error`; of what is not known, how it ended, which may be long. */
export function Outcome({ of }: { of: BuildOutcome }) {
  const { good, word, how, brief } = describeOutcome(of)
  return (
    <span className="flex min-w-0 items-start gap-2">
      <Icon name={good ? 'check' : 'cross'} className={`my-px ${good ? 'text-good' : 'text-bad'}`} />
      {good ? (
        <span>{word}</span>
      ) : (
        <span className="min-w-0 wrap-anywhere" title={cutText(how, 1_000)}>
          <span className="text-bad">{word}</span>: {brief}
        </span>
      )}
    </span>
  )
}
