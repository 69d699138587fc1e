import type { RunState } from '../scheduling/run-state.ts'

/** A run as the API tells of it. */
export type ObservedRun = {
  state: RunState
  error: string | null
  waiting: { ahead: number; reason: string } | null
  tries: { number: number; workerName: string; ending: string | null; error: string | null }[]
  build: { consoleResourcePath: string; result: Result } | null
}

type Result =
  | { __typename: 'ExitedResult'; code: string }
  | { __typename: 'SignalledResult' | 'StoppedResult'; signal: string; name: string | null }
  | { __typename: 'AbortedResult'; message: string }

/** Where the stream goes on after these lines. */
export function lastLineOf(
  before: { attempt: number | null; after: number },
  attempt: number | null,
  lines: readonly { number: number }[],
): { attempt: number | null; after: number } {
  const last = lines.at(-1)
  return attempt === null || !last ? before : { attempt, after: last.number }
}

/** How far a run is, in one line. */
export function describeObserved({ state, error, waiting, tries }: ObservedRun): string {
  const worker = tries.at(-1)?.workerName ?? 'a worker'
  switch (state) {
    case 'QUEUED': {
      const reason = (waiting?.reason ?? 'NEXT').toLowerCase().replaceAll('_', ' ')
      const again = error === null ? 'waits' : `waits again (${error})`
      return `the run ${again}: ${waiting?.ahead ?? 0} before it, ${reason}`
    }
    case 'ASSIGNED':
      return `try ${tries.length} is given to ${worker}`
    case 'RUNNING':
      return `try ${tries.length} runs on ${worker}`
    case 'UPLOADED':
      return 'the build is being stored'
    case 'DONE':
    case 'FAILED':
    case 'CANCELLED':
    case 'LOST':
      return `the run is over: ${state.toLowerCase()}${error === null ? '' : `, ${error}`}`
  }
}

/** How the build of a run ended, as builder-client prints it, and the exit status that says the same. */
export function describeEnd(run: ObservedRun): { words: string; status: number } {
  const { build, state } = run
  if (state === 'CANCELLED' || state === 'LOST' || !build) return { words: describeObserved(run), status: 1 }
  const { result } = build
  switch (result.__typename) {
    case 'ExitedResult':
      return { words: `exited ${result.code}`, status: Math.min(255, Math.abs(Number(result.code))) }
    case 'SignalledResult':
      return { words: `signalled ${result.name ?? result.signal}`, status: 1 }
    case 'StoppedResult':
      return { words: `stopped ${result.name ?? result.signal}`, status: 1 }
    case 'AbortedResult':
      return { words: `execution aborted: ${result.message}`, status: 1 }
  }
}
