import { setTimeout as pause } from 'node:timers/promises'
import type { Deps } from '../deps.ts'
import type { RunId } from '../ids.ts'
import type { ConsoleBatch, LiveConsole } from './live-console.ts'
import { findRunFacts } from './run-facts.ts'

/** What viewers of a run are told: it has changed, or lines of its try number `attempt` have come. */
export type RunEvent =
  { kind: 'run'; isLast: boolean } | { kind: 'lines'; attempt: number; batch: ConsoleBatch }

/** What a viewer has already: `after` lines of try number `attempt`; null: of whichever is the last one now. */
export type RunPosition = { attempt: number | null; after: number }

type Push = (event: RunEvent) => Promise<unknown>

/** A console may be written to often: the lines of this time are one event, for whoever has all those before. */
const gatherMs = 50
/** The database may know a try before its console is open. */
const openMs = 200

/**
 * Tells `push` of a run until its end: of the run at first and whenever it changes, and of the lines of its tries. Awaits
 * each `push`, so that a slow viewer costs no memory. Ends early when `signal` is aborted.
 */
export async function followRun(
  deps: Pick<Deps, 'changes' | 'clock' | 'config' | 'consoles' | 'db'>,
  id: RunId,
  position: RunPosition,
  push: Push,
  signal: AbortSignal,
): Promise<void> {
  const changes = nextChanges(deps.changes, signal)
  const consoles = consolesInTurn(position, push, signal)
  let told = ''
  try {
    while (!signal.aborted) {
      const changed = changes.next()
      const run = await findRunFacts(deps, id)
      if (!run || signal.aborted) break
      const { attempt, hasEnded } = run
      const console = attempt && deps.consoles.find(attempt.uuid)
      if (attempt && console) await consoles.follow(attempt.number, console)
      if (hasEnded) await consoles.settled()
      const facts = JSON.stringify(run)
      if (facts !== told || hasEnded) await push({ kind: 'run', isLast: hasEnded })
      told = facts
      if (hasEnded) break
      const mayOpen = attempt !== null && attempt.state !== 'ENDED' && !console
      await (mayOpen ? Promise.race([changed, pause(openMs)]) : changed)
    }
    await consoles.settled()
  } finally {
    changes.end()
  }
}

/** Follows the console of one try after the other. */
function consolesInTurn(position: RunPosition, push: Push, signal: AbortSignal) {
  let number: number | null = null
  let following: Promise<void> = Promise.resolve()

  async function tell(from: number, attempt: number, console: LiveConsole): Promise<void> {
    for await (const batch of console.follow(from, signal)) {
      await push({ kind: 'lines', attempt, batch })
      if (batch.first + batch.entries.length >= console.lineCount) await pause(gatherMs)
    }
  }

  return {
    /** Resolves when the lines of the try before are told, and those of this one are followed. */
    async follow(attempt: number, console: LiveConsole): Promise<void> {
      if (attempt === number) return
      await following
      const isKnown = position.attempt === null ? number === null : position.attempt === attempt
      number = attempt
      following = tell(isKnown ? position.after : 0, attempt, console)
      // `settled` tells of a failure; until then it must not count as unhandled.
      following.catch(() => {})
    },
    settled: () => following,
  }
}

/** `next` resolves at the next change of runs or queues, and when `signal` is aborted. */
function nextChanges(changes: Pick<Deps['changes'], 'on'>, signal: AbortSignal) {
  let wake = () => {}
  const onChange = () => wake()
  const off = changes.on(['runs', 'schedule'], onChange)
  signal.addEventListener('abort', onChange)
  return {
    next: () =>
      new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted) resolve()
      }),
    end() {
      off()
      signal.removeEventListener('abort', onChange)
    },
  }
}
