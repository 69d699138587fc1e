import { type FragmentType, graphql, readFragment } from '../gql/index.ts'

const BuildOutcomeFragment = graphql(`
  fragment BuildOutcome on Build {
    status
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

/** `SIGKILL (signal −7)`; builder reports OCaml's negative signal numbers. */
function nameSignal(signal: string | number, name: string | null | undefined): string {
  const number = `signal ${String(signal).replace('-', '−')}`
  return name ? `${name} (${number})` : number
}

/** How a build ended: `word` is Succeeded or Failed, `how` the reason, such as `exited 20` or `aborted: timeout`. */
export function describeOutcome(outcome: BuildOutcome): { good: boolean; word: string; how: string } {
  const { status, result } = readFragment(BuildOutcomeFragment, outcome)
  const good = status === 'SUCCEEDED'
  const word = good ? 'Succeeded' : 'Failed'
  switch (result.__typename) {
    case 'ExitedResult':
      return { good, word, how: `exited ${String(result.code).replace('-', '−')}` }
    case 'SignalledResult':
      return { good, word, how: `killed by ${nameSignal(result.signal, result.name)}` }
    case 'StoppedResult':
      return { good, word, how: `stopped by ${nameSignal(result.signal, result.name)}` }
    case 'AbortedResult':
      return { good, word, how: `aborted: ${result.message}` }
  }
}
