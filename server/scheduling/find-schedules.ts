import type { Reader } from '../database/reader.ts'
import { Prisma, type Schedule } from '../generated/prisma/client.ts'
import type { RunId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { Work } from './definition.ts'
import { activeRunStates, endedRunStates } from './run-state.ts'

const { join, sql } = Prisma

export type ScheduleFilter = { kind?: Work['kind'] | null; isPaused?: boolean | null }

/** The schedules of a page, by the names of their jobs, and one more if it exists. */
export async function findSchedules(
  db: Reader,
  filter: ScheduleFilter,
  { after, backward, before, limit }: Page<string>,
): Promise<Schedule[]> {
  const job = { ...(after === null ? {} : { gt: after }), ...(before === null ? {} : { lt: before }) }
  const rows = await db.schedule.findMany({
    where: { ...whereSchedules(filter), job },
    orderBy: { job: backward ? 'desc' : 'asc' },
    take: limit + 1,
  })
  return backward ? rows.toReversed() : rows
}

export const countSchedules = (db: Reader, filter: ScheduleFilter): Promise<number> =>
  db.schedule.count({ where: whereSchedules(filter) })

const whereSchedules = ({ kind, isPaused }: ScheduleFilter): Prisma.ScheduleWhereInput => ({
  ...(kind == null ? {} : { kind }),
  ...(isPaused == null ? {} : { isPaused }),
})

/**
 * The last runs of these jobs that have ended, by job. Raw SQL: one look-up by the index for each job, where Prisma would read
 * all runs.
 */
export async function findLastRunIds(db: Reader, jobs: readonly string[]): Promise<Map<string, RunId>> {
  if (jobs.length === 0) return new Map()
  const rows = await db.$queryRaw<{ job: string; id: RunId | null }[]>(
    sql`SELECT s.job, (SELECT r.id FROM "Run" r WHERE r.job = s.job AND r.state IN (${join([...endedRunStates])})
        ORDER BY r.id DESC LIMIT 1) AS id
      FROM "Schedule" s WHERE s.job IN (${join([...jobs])})`,
  )
  return new Map(rows.flatMap(({ job, id }) => (id === null ? [] : [[job, id]])))
}

/** The runs of these jobs that wait or run, by job, those that were queued first first. */
export async function findCurrentRunIds(
  db: Reader,
  jobs: readonly string[],
): Promise<{ job: string; id: RunId }[]> {
  return db.run.findMany({
    where: { job: { in: [...jobs] }, state: { in: ['QUEUED', ...activeRunStates] } },
    orderBy: { id: 'asc' },
    select: { job: true, id: true },
  })
}
