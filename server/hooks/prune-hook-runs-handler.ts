import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { endedHookRunStates, hookTaskKind } from './hook-run.ts'

const dayMs = 24 * 3_600_000
/** Uploads wait no longer than for these. */
const runsPerTransaction = 500

/**
 * Forgets, once a day, runs of hooks that were asked for more than `hookDays` days ago and have ended, with their tasks. What they
 * printed goes with the content that nothing refers to.
 */
export function pruneHookRunsHandler({
  clock,
  config,
  writer,
}: Pick<Deps, 'clock' | 'config' | 'writer'>): TaskHandler<void> {
  return {
    ...{ kind: 'PRUNE_HOOK_RUNS', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: dayMs } },
    async run(_task, signal) {
      if (config.hookDays === 0) return
      const before = new Date(clock.now().getTime() - config.hookDays * dayMs)
      while (!signal.aborted && (await pruneSome(writer, before)) === runsPerTransaction);
    },
    changes: () => [],
  }
}

/** Returns how many runs are gone. */
function pruneSome(writer: Deps['writer'], before: Date): Promise<number> {
  return writer.transact([], async (tx) => {
    const runs = await tx.hookRun.findMany({
      where: { state: { in: [...endedHookRunStates] }, createdAt: { lt: before } },
      ...{ orderBy: { id: 'asc' }, take: runsPerTransaction, select: { id: true } },
    })
    if (runs.length === 0) return 0
    const ids = runs.map(({ id }) => id)
    await tx.queuedTask.deleteMany({ where: { kind: hookTaskKind, key: { in: ids.map(String) } } })
    await tx.hookRun.deleteMany({ where: { id: { in: ids } } })
    return ids.length
  })
}
