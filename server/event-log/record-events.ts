import { randomUUID } from 'node:crypto'
import { timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { slicesOf } from '../slices.ts'
import type { EventType } from './event-types.ts'

const { sql, join } = Prisma

/** Something that happened. */
export type NewEvent = {
  type: EventType
  /** Two events with one key are one: the first is kept. */
  dedupeKey: string
  job: string | null
  platform: string | null
  /** UUID of a build. */
  build: string | null
  /** As JSON a few kB at most, without secrets, and without what a build printed. */
  data: object
}

/** Eight parameters each, of the 32,766 that SQLite takes. */
const eventsPerStatement = 1_000

/**
 * Writes events in the transaction of what happened. One statement for up to 1,000 events; none for none. Raw SQL: Prisma ignores
 * rows that are known in no statement of both databases.
 */
export async function recordEvents(tx: Transaction, events: readonly NewEvent[], at: Date): Promise<void> {
  for (const slice of slicesOf(events, eventsPerStatement)) {
    const rows = slice.map(
      ({ type, dedupeKey, job, platform, build, data }) =>
        sql`(${randomUUID()}, ${type}, ${dedupeKey}, ${timestamp(at)}, ${job}, ${platform}, ${build}, ${JSON.stringify(data)})`,
    )
    await tx.$executeRaw(
      sql`INSERT INTO "Event" (uuid, type, "dedupeKey", at, job, platform, build, data) VALUES ${join(rows)}
        ON CONFLICT DO NOTHING`,
    )
  }
}
