import type { Writer } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { slicesOf } from '../slices.ts'
import { definition, runDefinition } from './definition.ts'
import { endedRunStates } from './run-state.ts'

const dayMs = 24 * 3_600_000
/** Uploads wait no longer than for these. */
const rowsPerTransaction = 500

type PruneDeps = Pick<Deps, 'clock' | 'config' | 'db' | 'writer'>

/**
 * Forgets, once a day, runs that ended more than `runDays` days ago, with their tries, workers that were not there since, and scripts
 * that nothing names any more. Builds stay as long as the policy of retention says.
 */
export function pruneRunsHandler(deps: PruneDeps): TaskHandler<void> {
  const { clock, config, writer } = deps
  return {
    ...{ kind: 'PRUNE_RUNS', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: dayMs } },
    async run(_task, signal) {
      if (config.runDays === 0) return
      const before = new Date(clock.now().getTime() - config.runDays * dayMs)
      while (!signal.aborted && (await pruneSome(writer, before)) === rowsPerTransaction);
      await writer.transact([], (tx) =>
        tx.buildWorker.deleteMany({ where: { connections: 0, lastSeenAt: { lt: before } } }),
      )
      await pruneScripts(deps)
    },
    changes: () => [],
  }
}

/** Returns how many runs are gone. */
function pruneSome(writer: Writer, before: Date): Promise<number> {
  return writer.transact([], async (tx) => {
    const runs = await tx.run.findMany({
      where: { state: { in: [...endedRunStates] }, endedAt: { lt: before } },
      ...{ orderBy: { endedAt: 'asc' }, take: rowsPerTransaction, select: { id: true } },
    })
    if (runs.length > 0) await tx.run.deleteMany({ where: { id: { in: runs.map(({ id }) => id) } } })
    return runs.length
  })
}

/** Scripts that no try has executed, and no definition names. New ones may belong to a transaction that is not seen yet. */
async function pruneScripts({ clock, db, writer }: PruneDeps): Promise<void> {
  const before = new Date(clock.now().getTime() - dayMs)
  const unused = await db.$queryRaw<{ sha256: string }[]>`SELECT s.sha256 FROM "RunScript" s
    WHERE s."createdAt" < ${before} AND NOT EXISTS (SELECT 1 FROM "RunTry" t WHERE t."scriptSha256" = s.sha256)`
  if (unused.length === 0) return
  await writer.transact([], async (tx) => {
    const [schedules, versions, runs] = [
      await tx.schedule.findMany({ where: { kind: 'SCRIPT' }, select: { definition: true } }),
      await tx.scheduleVersion.findMany({ select: { definition: true } }),
      await tx.$queryRaw<
        { definition: string }[]
      >`SELECT DISTINCT definition FROM "Run" WHERE kind = 'SCRIPT'`,
    ]
    const named = new Set(
      [
        ...[...schedules, ...versions].flatMap((row) =>
          row.definition === null ? [] : [definition.parse(JSON.parse(row.definition)).work],
        ),
        ...runs.map((row) => runDefinition.parse(JSON.parse(row.definition)).work),
      ].flatMap((work) => (work.kind === 'SCRIPT' ? [work.scriptSha256] : [])),
    )
    const gone = unused.map(({ sha256 }) => sha256).filter((sha256) => !named.has(sha256))
    for (const slice of slicesOf(gone, rowsPerTransaction))
      await tx.runScript.deleteMany({ where: { sha256: { in: slice } } })
  })
}
