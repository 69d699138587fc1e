import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { TaskHandler } from '../runner/handler.ts'

const dayMs = 24 * 3_600_000
/** In one transaction: uploads wait for it. */
const eventsPerRun = 500

/** Removes, once a day, events that are older than the setting says, and the log of what was sent of them. */
export function pruneEventsHandler({
  clock,
  config,
  db,
}: Pick<Deps, 'clock' | 'config' | 'db'>): TaskHandler<{ ids: number[] }> {
  return {
    ...{ kind: 'PRUNE_EVENTS', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: dayMs } },
    async run() {
      const before = new Date(clock.now().getTime() - config.eventDays * dayMs)
      const events = await db.event.findMany({
        where: { at: { lt: before } },
        orderBy: { at: 'asc' },
        take: eventsPerRun,
        select: { id: true },
      })
      return { ids: events.map(({ id }) => id) }
    },
    record: ({ ids }) => ({ isPartial: ids.length === eventsPerRun }),
    changes: () => [],
    async complete(tx, _task, { ids }) {
      if (ids.length > 0) await tx.$executeRaw`DELETE FROM "Event" WHERE id IN (${Prisma.join(ids)})`
    },
  }
}
