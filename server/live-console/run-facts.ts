import DataLoader from 'dataloader'
import type { Deps } from '../deps.ts'
import type { RunId } from '../ids.ts'
import { perServer } from '../per-server.ts'
import { endedRunStates } from '../scheduling/run-state.ts'
import { findWaiting, type Waiting } from '../scheduling/waiting.ts'

/** What viewers of a run have to notice. */
export type RunFacts = {
  state: string
  hasEnded: boolean
  error: string | null
  /** The last try; null before the first. */
  attempt: { number: number; uuid: string; state: string; leaseUntil: Date | null } | null
  waiting: Waiting | null
}

type FactsDeps = Pick<Deps, 'changes' | 'clock' | 'config' | 'db'>

/** Viewers look at the same moments, after each change: one look serves all within this time. */
const lookMs = 100

const loaders = perServer(() => ({ runs: null as DataLoader<RunId, RunFacts | null> | null }))

/** The facts of a run as they are a moment later; null if it was removed. */
export function findRunFacts(deps: FactsDeps, id: RunId): Promise<RunFacts | null> {
  const own = loaders(deps.changes)
  own.runs ??= new DataLoader((ids) => findAll(deps, ids), {
    cache: false,
    batchScheduleFn: (look) => setTimeout(look, lookMs),
  })
  return own.runs.load(id)
}

async function findAll(deps: FactsDeps, asked: readonly RunId[]): Promise<(RunFacts | null)[]> {
  const ids = [...new Set(asked)]
  const runs = await deps.db.run.findMany({
    where: { id: { in: ids } },
    select: {
      id: true,
      state: true,
      error: true,
      tries: {
        select: { number: true, uuid: true, state: true, leaseUntil: true },
        orderBy: { number: 'asc' },
      },
    },
  })
  const queued = runs.filter(({ state }) => state === 'QUEUED').map(({ id }) => id)
  const waiting = await findWaiting(deps, queued)
  const facts = new Map(
    runs.map(({ id, state, error, tries }): [RunId, RunFacts] => {
      const hasEnded = endedRunStates.some((one) => one === state)
      return [id, { state, hasEnded, error, attempt: tries.at(-1) ?? null, waiting: waiting.get(id) ?? null }]
    }),
  )
  return asked.map((id) => facts.get(id) ?? null)
}
