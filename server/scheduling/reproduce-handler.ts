import * as z from 'zod'
import type { Deps } from '../deps.ts'
import type { BuildId } from '../ids.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { queueRuns, type WantedRun } from './queue-runs.ts'
import { wantedRebuilds } from './wanted-rebuilds.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const buildsPerRun = 100

type Result = { wanted: WantedRun[]; after: BuildId; isPartial: boolean; at: Date }

const progressSchema = z.object({ after: z.int().transform((id) => id as BuildId) })

/**
 * Looks, once a minute, which builds have arrived, and queues the rebuilds that the policies of their jobs ask for: not more in 24
 * hours than the setting allows. Where it is used up, builds wait until it is not, or until their policy says that it is too late.
 * Builds from before the first look are left alone.
 */
export function reproduceHandler({
  clock,
  config,
  db,
}: Pick<Deps, 'clock' | 'config' | 'db'>): TaskHandler<Result> {
  return {
    ...{ kind: 'REPRODUCE', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: minuteMs, standing: { everyMs: minuteMs } },
    async run({ progress }) {
      const at = clock.now()
      const { _max: newest } = await db.build.aggregate({ _max: { id: true } })
      const after = progress === null ? null : progressSchema.parse(JSON.parse(progress)).after
      const done: Result = { wanted: [], after: after ?? newest.id ?? (0 as BuildId), isPartial: false, at }
      if (after === null) return done
      const builds = await db.build.findMany({
        where: { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: buildsPerRun,
        select: {
          id: true,
          uuid: true,
          inputId: true,
          mainBinarySha256: true,
          job: { select: { name: true } },
        },
      })
      let left = builds.length === 0 ? 0 : await budgetLeft(at)
      for (const { id, uuid, inputId, mainBinarySha256, job } of builds) {
        const isOutput = inputId !== null && mainBinarySha256 !== null
        const wanted = isOutput ? await wantedRebuilds(db, { uuid, job: job.name }, at) : []
        if (wanted.length > left) return done
        left -= wanted.length
        done.wanted.push(...wanted)
        done.after = id
      }
      done.isPartial = builds.length === buildsPerRun
      return done
    },
    record: ({ after, isPartial }) => ({ isPartial, progress: JSON.stringify({ after }) }),
    changes: (result) => (result && result.wanted.length > 0 ? ['runs'] : []),
    async complete(tx, _task, { wanted, at }) {
      if (wanted.length > 0) await queueRuns(tx, wanted, at)
    },
  }

  async function budgetLeft(now: Date): Promise<number> {
    const queued = await db.run.count({
      where: { cause: 'REPRODUCTION', requestedBy: null, queuedAt: { gt: new Date(now.getTime() - dayMs) } },
    })
    return config.reproducePerDay - queued
  }
}
