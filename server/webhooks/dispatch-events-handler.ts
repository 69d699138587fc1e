import type { Reader } from '../database/reader.ts'
import { timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { dispatchKind } from '../event-log/dispatch-task.ts'
import { parseEventData } from '../event-log/event-data.ts'
import { Prisma, type Event } from '../generated/prisma/client.ts'
import type { EventId, WebhookEndpointId } from '../ids.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { isWanted, readFilter, readTypes, type FilteredEvent } from './endpoint-filter.ts'
import { enqueueDeliveries } from './enqueue-deliveries.ts'

const { sql, join } = Prisma

/** Of one endpoint in one run: other tasks, and uploads, have their turn between runs. */
const eventsPerRun = 200

/** What an endpoint is sent, and the last event that was looked at. */
type Found = { id: WebhookEndpointId; wanted: EventId[]; lastEventId: EventId }
type Run = { found: Found[]; isPartial: boolean; now: Date }

/**
 * Looks which endpoints are sent new events, and writes a delivery for each. Every endpoint remembers the last event that was looked
 * at for it, so that none is left out or looked at twice. A start of the server looks, too, and lets what waits be delivered.
 */
export function dispatchEventsHandler({ clock, db }: Pick<Deps, 'clock' | 'db'>): TaskHandler<Run> {
  return {
    ...{ kind: dispatchKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 1_000, retryPauseMs: 5_000, standing: { isAtStart: true } },
    async run() {
      const endpoints = await db.webhookEndpoint.findMany({
        where: { state: 'ENABLED' },
        select: { id: true, types: true, filter: true, lastEventId: true },
      })
      const found: Found[] = []
      let isPartial = false
      for (const endpoint of endpoints) {
        const events = await db.event.findMany({
          where: { id: { gt: endpoint.lastEventId } },
          orderBy: { id: 'asc' },
          take: eventsPerRun,
        })
        const last = events.at(-1)
        if (!last) continue
        isPartial ||= events.length === eventsPerRun
        const [types, filter] = [readTypes(endpoint.types), readFilter(endpoint.filter)]
        const sections =
          filter.sections === null ? new Map<string, string | null>() : await sectionsOf(db, events)
        const wanted = events.filter((event) => isWanted(types, filter, filteredEvent(event, sections)))
        found.push({ id: endpoint.id, wanted: wanted.map(({ id }) => id), lastEventId: last.id })
      }
      return { found, isPartial, now: clock.now() }
    },
    record: ({ isPartial }) => ({ isPartial }),
    changes: (result) => (result?.found.some(({ wanted }) => wanted.length > 0) === true ? ['tasks'] : []),
    async complete(tx, _task, { found, now }) {
      for (const one of found) await writeDeliveries(tx, one, now)
      await enqueueDeliveries(tx, await findWaiting(tx), now)
    },
  }
}

/** The heading of a job may have come after its first build. */
async function sectionsOf(db: Reader, events: readonly Event[]): Promise<Map<string, string | null>> {
  const names = [...new Set(events.flatMap(({ job }) => (job === null ? [] : [job])))]
  const jobs = await db.job.findMany({
    where: { name: { in: names } },
    select: { name: true, section: true, operatorSection: true },
  })
  return new Map(jobs.map(({ name, section, operatorSection }) => [name, operatorSection ?? section]))
}

function filteredEvent(
  { type, job, platform, data }: Event,
  sections: ReadonlyMap<string, string | null>,
): FilteredEvent {
  const { build } = parseEventData(data)
  return {
    ...{ type, job, platform, section: job === null ? null : (sections.get(job) ?? null) },
    ...{ status: build?.result?.status ?? null, verdict: build?.verdict ?? null },
  }
}

/**
 * Endpoints that deliveries wait for. Raw SQL: one look-up by the index for each endpoint. What Prisma makes of it reads all
 * deliveries, while uploads wait.
 */
async function findWaiting(tx: Transaction): Promise<WebhookEndpointId[]> {
  const waiting = await tx.$queryRaw<{ id: WebhookEndpointId }[]>(
    sql`SELECT e.id FROM "WebhookEndpoint" e WHERE e.state = 'ENABLED' AND (SELECT d.id FROM "WebhookDelivery" d
      WHERE d."endpointId" = e.id AND d.state = 'PENDING' ORDER BY d."dueAt", d.id LIMIT 1) IS NOT NULL`,
  )
  return waiting.map(({ id }) => id)
}

/** Raw SQL: the endpoint, or an event, may be gone meanwhile. */
async function writeDeliveries(
  tx: Transaction,
  { id, wanted, lastEventId }: Found,
  now: Date,
): Promise<void> {
  await tx.webhookEndpoint.updateMany({
    where: { id, lastEventId: { lt: lastEventId } },
    data: { lastEventId },
  })
  if (wanted.length === 0) return
  const at = timestamp(now)
  await tx.$executeRaw(
    sql`INSERT INTO "WebhookDelivery" ("endpointId", "eventId", state, "dueAt", "createdAt")
      SELECT e.id, v.id, 'PENDING', ${at}, ${at} FROM "WebhookEndpoint" e CROSS JOIN "Event" v
      WHERE e.id = ${id} AND e.state = 'ENABLED' AND v.id IN (${join(wanted)}) ORDER BY v.id
      ON CONFLICT DO NOTHING`,
  )
}
