import type { Reader } from '../database/reader.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import { activeRunStates } from './run-state.ts'

export type RunFilter = {
  job?: string
  platform?: string
  states?: readonly string[]
  causes?: readonly string[]
  /** Name of a worker that had a try. */
  worker?: string
}

export const whereRuns = ({ job, platform, states, causes, worker }: RunFilter): Prisma.RunWhereInput => ({
  ...(job === undefined ? {} : { job }),
  ...(platform === undefined ? {} : { platform }),
  ...(states === undefined ? {} : { state: { in: [...states] } }),
  ...(causes === undefined ? {} : { cause: { in: [...causes] } }),
  ...(worker === undefined ? {} : { tries: { some: { workerName: worker } } }),
})

/** The order in which a platform's queue is given out, but for fair shares. */
export const queueOrder = [{ priority: 'asc' }, { position: 'asc' }, { id: 'asc' }] as const

/** Runs, the newest first. */
export const listRuns = (db: Reader, filter: RunFilter, limit: number) =>
  db.run.findMany({ where: whereRuns(filter), orderBy: { id: 'desc' }, take: limit })

/** Schedules in the order of their jobs' names. */
export const listSchedules = (db: Reader) => db.schedule.findMany({ orderBy: { job: 'asc' } })

/** Workers, by name. */
export const listWorkers = (db: Reader) => db.buildWorker.findMany({ orderBy: { name: 'asc' } })

export type QueueState = {
  platform: string
  isPaused: boolean
  droppedAt: Date | null
  waiting: number
  running: number
}

/** The queues of all platforms, in the order of their names. */
export async function listQueues(db: Reader): Promise<QueueState[]> {
  const queues = await db.platformQueue.findMany({ orderBy: { platform: 'asc' } })
  const counts = await db.run.groupBy({
    by: ['platform', 'state'],
    where: { state: { in: ['QUEUED', ...activeRunStates] } },
    _count: true,
    orderBy: { platform: 'asc' },
  })
  return queues.map(({ platform, isPaused, droppedAt }) => {
    const ofPlatform = counts.filter((count) => count.platform === platform)
    const sum = (isWaiting: boolean) =>
      ofPlatform.reduce(
        (all, { state, _count }) => all + ((state === 'QUEUED') === isWaiting ? _count : 0),
        0,
      )
    return { platform, isPaused, droppedAt, waiting: sum(true), running: sum(false) }
  })
}
