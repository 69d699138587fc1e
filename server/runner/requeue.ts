import { Prisma } from '../generated/prisma/client.ts'
import type { QueuedTaskId } from '../ids.ts'
import type { Writer } from '../database/writer.ts'
import type { EndState } from './task.ts'

const { sql, join } = Prisma

/** Rows that are changed at once: a server that runs meanwhile waits no longer than for these. */
const batchSize = 1_000

/** Runs all tasks of these kinds again that are in one of these states. Returns how many. */
export async function requeue(
  writer: Writer,
  kinds: readonly string[],
  states: readonly EndState[],
  now: Date,
): Promise<number> {
  const changesOf = (rows: readonly unknown[]) => (rows.length > 0 ? (['tasks'] as const) : [])
  let count = 0
  let after = 0 as QueuedTaskId
  for (;;) {
    // Raw SQL: Prisma would read what it changes first, and name each of the rows.
    const isAfter = sql`id > ${after}`
    const changed = await writer.transact(changesOf, (tx) =>
      tx.$queryRaw<{ id: QueuedTaskId }[]>(
        sql`UPDATE "QueuedTask" SET state = 'PENDING', attempts = 0, error = NULL, "dueAt" = ${now}
          WHERE id IN (SELECT id FROM "QueuedTask" WHERE ${isAfter} AND kind IN (${join(kinds)})
            AND state IN (${join(states)}) ORDER BY id LIMIT ${batchSize}) RETURNING id`,
      ),
    )
    count += changed.length
    for (const { id } of changed) if (id > after) after = id
    if (changed.length < batchSize) return count
  }
}
