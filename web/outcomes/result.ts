import type { BuildOutcomeFragment as BuildOutcomeFields } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { cutText, rowLetters } from '../ui/cut-text.ts'
import { failureWords } from './failure.ts'
import { visibleText } from '../ui/visible-text.ts'

const BuildOutcomeFragment = graphql(`
  fragment BuildOutcome on Build {
    status
    failure {
      class
    }
    result {
      __typename
      ... on ExitedResult {
        code
      }
      ... on SignalledResult {
        signal
        name
      }
      ... on StoppedResult {
        signal
        name
      }
      ... on AbortedResult {
        message
      }
    }
  }
`)

export type BuildOutcome = FragmentType<typeof BuildOutcomeFragment>
type BuildOutcomeResult = BuildOutcomeFields['result']

/** `SIGKILL (signal −7)`; builder reports OCaml's negative signal numbers. */
function nameSignal(signal: string | number, name: string | null | undefined): string {
  const number = `signal ${String(signal).replace('-', '−')}`
  return name ? `${name} (${number})` : number
}

/**
 * How a build ended: `word` is Succeeded or Failed, `how` its result, such as `exited 20` or
 * `aborted: timeout`, and `why` the reason of a failure, such as `compile error`; null when it is not
 * known, or the result says so itself. `brief` is what a row of a list says: the reason, or the beginning of
 * the result, which may be a message of any length.
 */
export function describeOutcome(outcome: BuildOutcome) {
  const { status, result, failure } = readFragment(BuildOutcomeFragment, outcome)
  const good = status === 'SUCCEEDED'
  const isSaid =
    result.__typename !== 'ExitedResult' && (failure?.class === 'KILLED' || failure?.class === 'TIMEOUT')
  const why = good || isSaid ? null : failureWords(failure)
  const how = describeResult(result)
  return { good, word: good ? 'Succeeded' : 'Failed', how, why, brief: why ?? cutText(how, rowLetters) }
}

function describeResult(result: BuildOutcomeResult): string {
  switch (result.__typename) {
    case 'ExitedResult':
      return `exited ${String(result.code).replace('-', '−')}`
    case 'SignalledResult':
      return `killed by ${nameSignal(result.signal, result.name)}`
    case 'StoppedResult':
      return `stopped by ${nameSignal(result.signal, result.name)}`
    case 'AbortedResult':
      return `aborted: ${visibleText(result.message)}`
  }
}
