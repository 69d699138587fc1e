import type { Deps } from '../deps.ts'
import { readDefinition } from './definition.ts'
import { nextTime } from './next-time.ts'
import { queueRuns } from './queue-runs.ts'
import { queuedPlatforms, runsOfSchedule } from './queue-schedules.ts'

const schedulesPerTransaction = 100

/**
 * Queues the schedules whose time has come, each once, however often its time has passed meanwhile. Returns when the next one is
 * due; null: none.
 */
export async function queueDue({
  clock,
  db,
  writer,
}: Pick<Deps, 'clock' | 'db' | 'writer'>): Promise<Date | null> {
  for (;;) {
    const now = clock.now()
    const first = await db.schedule.findFirst({
      where: { isPaused: false, nextAt: { not: null } },
      orderBy: { nextAt: 'asc' },
      select: { nextAt: true },
    })
    if (!first?.nextAt || first.nextAt > now) return first?.nextAt ?? null
    await writer.transact(['schedule', 'runs'], async (tx) => {
      const due = await tx.schedule.findMany({
        where: { isPaused: false, nextAt: { lte: now } },
        orderBy: [{ nextAt: 'asc' }, { id: 'asc' }],
        take: schedulesPerTransaction,
      })
      const platforms = await queuedPlatforms(tx)
      for (const { id, definition, nextAt } of due) {
        const next = nextAt && nextTime(readDefinition(definition), nextAt, now)
        await tx.schedule.updateMany({ where: { id }, data: { nextAt: next } })
      }
      const wanted = due.flatMap((schedule) => runsOfSchedule(schedule, platforms, 'SCHEDULE'))
      await queueRuns(tx, wanted, now)
    })
  }
}
