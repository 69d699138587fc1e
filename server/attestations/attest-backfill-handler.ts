import * as z from 'zod'
import type { Deps } from '../deps.ts'
import type { BuildId } from '../ids.ts'
import { enqueue, type NewTask } from '../runner/enqueue.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { priorities } from '../runner/task.ts'
import { attestTasks } from './attest-task.ts'

const buildsPerRun = 200
const Progress = z.object({ lastId: z.number() })
type Slice = { tasks: NewTask[]; lastId: number | null }

/** Lets the builds be stated that were stored before the site signed anything: the oldest first, some at a time. */
export function attestBackfillHandler({
  clock,
  config,
  db,
}: Pick<Deps, 'clock' | 'config' | 'db'>): TaskHandler<Slice> {
  return {
    ...{ kind: 'ATTEST_BACKFILL', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 12, retryPauseMs: 2_000, standing: { isAtStart: true } },

    async run({ progress }) {
      if (config.signing === 'off') return { tasks: [], lastId: null }
      const after = progress === null ? 0 : Progress.parse(JSON.parse(progress)).lastId
      const builds = await db.build.findMany({
        where: { id: { gt: after as BuildId } },
        orderBy: { id: 'asc' },
        take: buildsPerRun,
        select: {
          id: true,
          uuid: true,
          mainBinarySha256: true,
          attestations: { take: 1, select: { id: true } },
        },
      })
      const missing = builds.filter(({ attestations }) => attestations.length === 0)
      return {
        tasks: missing.flatMap((build) => attestTasks(config, build, priorities.later)),
        lastId: builds.length < buildsPerRun ? null : (builds.at(-1)?.id ?? null),
      }
    },
    record: ({ lastId }) =>
      lastId === null ? {} : { progress: JSON.stringify({ lastId }), isPartial: true },
    changes: (slice) => (slice && slice.tasks.length > 0 ? ['tasks'] : []),
    complete: (tx, _task, { tasks }) => enqueue(tx, tasks, clock.now()),
  }
}
