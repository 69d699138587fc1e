import type { Reader } from '../database/reader.ts'

/** The tasks of one kind that have not ended well. */
export type Queue = {
  kind: string
  waitingCount: number
  runningCount: number
  /** They ended with an error that every other run would give, too. */
  failedCount: number
  /** They gave an error in each attempt. */
  deadCount: number
  /** Since when the one that waits longest could have run, or when the first will be due; null: none waits. */
  oldestDueAt: Date | null
}

/** How many tasks of each kind wait, run and failed, by kind. One statement. */
export async function readQueues(db: Reader): Promise<Queue[]> {
  const groups = await db.queuedTask.groupBy({
    by: ['kind', 'state'],
    _count: true,
    _min: { dueAt: true },
    orderBy: { kind: 'asc' },
  })
  return [...new Set(groups.map(({ kind }) => kind))].map((kind) => {
    const of = (state: string) => groups.find((group) => group.kind === kind && group.state === state)
    return {
      kind,
      waitingCount: of('PENDING')?._count ?? 0,
      runningCount: of('RUNNING')?._count ?? 0,
      failedCount: of('FAILED')?._count ?? 0,
      deadCount: of('DEAD')?._count ?? 0,
      oldestDueAt: of('PENDING')?._min.dueAt ?? null,
    }
  })
}
