import * as z from 'zod'
import type { Deps } from '../deps.ts'
import type { BuildId } from '../ids.ts'
import { enqueue, type NewTask } from '../runner/enqueue.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { priorities, type TaskName } from '../runner/task.ts'
import { keyOf, taskOf } from './analysis-key.ts'
import { analysedColumns, type AnalysisKind, type KindDefinition } from './kind.ts'

/** Builds that are looked at at once. */
const backfillSize = 200

/** Builds with a lower id are still to be seen, by this version of the kind. */
const Progress = z.object({ version: z.number(), beforeId: z.number().transform((id) => id as BuildId) })

type Slice = { tasks: NewTask[]; beforeId: BuildId | null }

/** The task that looks for older builds with an input for a kind of analysis. */
export const backfillTaskOf = (kind: AnalysisKind): TaskName => ({ kind: `BACKFILL_${kind}`, key: '' })

/** How far a backfill has come; null if it has not begun with this version. */
export function backfillProgressOf(progress: string | null, version: number): BuildId | null {
  const before = progress === null ? null : Progress.parse(JSON.parse(progress))
  return before?.version === version ? before.beforeId : null
}

/**
 * Enqueues analyses of builds that were stored before a kind, or its version, was there: from the newest build to
 * the oldest, some at a time. Analyses of an older version run again. It has the priority of what it enqueues, so
 * that it goes on only after that.
 */
export function backfillHandler(
  { db }: Pick<Deps, 'db'>,
  kind: AnalysisKind,
  definition: KindDefinition,
): Pick<TaskHandler<Slice>, 'kind' | 'maxAttempts' | 'standing' | 'run' | 'record' | 'changes' | 'complete'> {
  const { version } = definition

  async function findNewestId(): Promise<number> {
    const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
    return newest?.id ?? 0
  }

  return {
    kind: backfillTaskOf(kind).kind,
    maxAttempts: 10,
    standing: {},
    async run({ progress }) {
      const beforeId = backfillProgressOf(progress, version) ?? (await findNewestId()) + 1
      const builds = await db.build.findMany({
        where: { id: { lt: beforeId as BuildId } },
        orderBy: { id: 'desc' },
        take: backfillSize,
        select: { id: true, ...analysedColumns },
      })
      const keys = builds.flatMap((build) => keyOf(kind, definition, build) ?? [])
      const parts = { priority: priorities.later, ifKnown: { olderThan: version } }
      const last = builds.length < backfillSize ? undefined : builds.at(-1)
      return { tasks: keys.map((key) => ({ ...taskOf(key), ...parts })), beforeId: last?.id ?? null }
    },
    record: ({ beforeId }) =>
      beforeId === null ? {} : { progress: JSON.stringify({ version, beforeId }), isPartial: true },
    changes: (slice) => (slice && slice.tasks.length > 0 ? ['tasks'] : []),
    complete: (tx, _task, { tasks }) => enqueue(tx, tasks, new Date()),
  }
}
