import type { RunCause, RunOnPageFragment, RunState, RunTryEnding, WaitReason } from '../gql/graphql.ts'
import type { IconName } from '../ui/Icon.tsx'

export type Run = RunOnPageFragment
export type RunTry = Run['tries'][number]

export const hasEnded = ({ state }: Pick<Run, 'state'>): boolean =>
  state === 'DONE' || state === 'FAILED' || state === 'CANCELLED' || state === 'LOST'

/** The try that a worker has; null: none has. */
export const currentTry = ({ tries }: Run): RunTry | null => {
  const last = tries.at(-1)
  return last && last.state !== 'ENDED' ? last : null
}

type Standing = { sign: IconName; tone: string; words: string }

const standings: Record<RunState, Standing> = {
  QUEUED: { sign: 'once', tone: 'text-quiet', words: 'waits' },
  ASSIGNED: { sign: 'forward', tone: 'text-accent', words: 'given to a worker' },
  RUNNING: { sign: 'forward', tone: 'text-accent', words: 'runs' },
  UPLOADED: { sign: 'down', tone: 'text-accent', words: 'is being stored' },
  DONE: { sign: 'check', tone: 'text-good', words: 'done' },
  FAILED: { sign: 'cross', tone: 'text-bad', words: 'failed' },
  CANCELLED: { sign: 'minus', tone: 'text-quiet', words: 'cancelled' },
  LOST: { sign: 'cross', tone: 'text-bad', words: 'lost' },
}

const away = { sign: 'alarm', tone: 'text-warn', words: 'worker is away' } as const

type RunSoFar = {
  state: RunState
  tries: readonly { workerName: string; leaseUntil?: string | null; state: RunTry['state'] }[]
}

/** How far a run is, in a word or two. */
export function standingOf({ state, tries }: RunSoFar): Standing {
  const last = tries.at(-1)
  if (state === 'QUEUED' && last) return { ...standings.QUEUED, words: 'waits again' }
  if (state === 'RUNNING' && last?.state !== 'ENDED' && last?.leaseUntil != null) return away
  return standings[state]
}

/** How far a run is, in a line of its own, with the name of its worker. */
export function describeRun(run: RunSoFar): Standing {
  const standing = standingOf(run)
  const worker = run.tries.at(-1)?.workerName ?? 'a worker'
  return { ...standing, words: inALine(run.state, standing, worker) }
}

function inALine(state: RunState, standing: Standing, worker: string): string {
  if (standing === away) return `The connection to ${worker} is broken`
  if (state === 'ASSIGNED') return `Given to ${worker}`
  if (state === 'RUNNING') return `Runs on ${worker}`
  if (state === 'UPLOADED') return 'Finished: its build is being stored'
  return standing.words.charAt(0).toUpperCase() + standing.words.slice(1)
}

/** Why a queued run waits, in short, where its platform and job are shown beside it. */
export const waitReasons: Record<WaitReason, string> = {
  QUEUE_PAUSED: 'the queue is paused',
  NO_TEMPLATE: 'there is no template for opam packages',
  NOT_BEFORE: 'it is not to start yet',
  JOB_RUNS: 'the job runs already',
  NO_WORKER: 'no worker is connected',
  WORKERS_BUSY: 'all workers are busy',
  NEXT: 'a worker is about to take it',
}

/** Why a queued run waits, as a sentence. */
export function describeWaiting({ waiting }: Run): string | null {
  if (!waiting) return null
  const { ahead, reason } = waiting
  const place =
    ahead === 0 ? 'It is next' : ahead === 1 ? 'One run is before it' : `${ahead} runs are before it`
  return `${place}: ${waitReasons[reason]}.`
}

const endings: Record<RunTryEnding, string> = {
  STORED: 'build stored',
  PUT_BACK: 'put back',
  TIMED_OUT: 'took too long',
  CANCELLED: 'cancelled',
  LOST: 'lost',
}

/** How far a try is. */
export function describeTry({ state, ending, leaseUntil }: RunTry): string {
  if (ending) return endings[ending]
  if (leaseUntil != null) return 'its worker is away'
  return state === 'ASSIGNED' ? 'given to the worker' : 'runs'
}

/** Why a run was queued. */
export const runCauses: Record<RunCause, string> = {
  SCHEDULE: 'by its schedule',
  REQUEST: 'asked for',
  NEW_PLATFORM: 'for a new platform',
  REPRODUCTION: 'to repeat a build',
  RETRY: 'asked for again',
}

/** The UUID of the run that is repeated, where nobody gave another reason; null: there is a reason, or it repeats none. */
export const repeatedRun = ({ cause, reason }: Pick<Run, 'cause' | 'reason'>): string | null =>
  cause === 'RETRY' ? (/^again: ([-0-9a-f]{36})$/.exec(reason ?? '')?.[1] ?? null) : null
