import { Prisma } from '../generated/prisma/client.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import type { ClaimedTask } from './task.ts'

const { sql, join } = Prisma

/** A kind of tasks that can be claimed now: those with this priority, or a lower number. */
export type Claimable = { kind: string; maxPriority: number }

/** Who claims, and until when nobody else may. */
export type Lease = { owner: string; until: Date }

/**
 * Claims up to `limit` tasks in one statement: the ones with the lowest priority number, and of those the ones that are due
 * for the longest time. Each kind finds its own first rows by the index; the outer query orders those.
 * One transaction writes at a time on both databases, so no two servers claim the same rows: no row is locked here.
 */
export async function claim(
  tx: Transaction,
  claimables: readonly Claimable[],
  limit: number,
  { owner, until }: Lease,
  now: Date,
): Promise<ClaimedTask[]> {
  if (claimables.length === 0 || limit <= 0) return []
  const order = sql`ORDER BY priority, "dueAt", id LIMIT ${limit}`
  const firstOfKinds = claimables.map(
    ({ kind, maxPriority }) =>
      sql`SELECT * FROM (SELECT id, priority, "dueAt" FROM "QueuedTask" WHERE kind = ${kind} AND state = 'PENDING'
        AND priority <= ${maxPriority} AND "dueAt" <= ${now} ${order}) AS "firstOfKind"`,
  )
  return tx.$queryRaw<ClaimedTask[]>(
    sql`UPDATE "QueuedTask" SET state = 'RUNNING', attempts = attempts + 1, claims = claims + 1,
        "isWantedAgain" = FALSE, "startedAt" = ${now}, "leaseOwner" = ${owner}, "leaseUntil" = ${until}
      WHERE id IN (SELECT id FROM (${join(firstOfKinds, ' UNION ALL ')}) AS due ${order})
        AND state = 'PENDING' AND "dueAt" <= ${now}
      RETURNING id, kind, key, attempts, claims, payload, progress`,
  )
}

/** Whether `claim` would find a task. */
export async function isSomeDue(db: Reader, claimables: readonly Claimable[], now: Date): Promise<boolean> {
  const found = await db.queuedTask.findFirst({
    where: {
      state: 'PENDING',
      dueAt: { lte: now },
      OR: claimables.map(({ kind, maxPriority }) => ({ kind, priority: { lte: maxPriority } })),
    },
    select: { id: true },
  })
  return found !== null
}

/** When the next of these tasks is due; null if none waits. */
export async function nextDueAt(db: Reader, kinds: readonly string[]): Promise<Date | null> {
  const first = await db.queuedTask.findFirst({
    where: { kind: { in: [...kinds] }, state: 'PENDING' },
    orderBy: { dueAt: 'asc' },
    select: { dueAt: true },
  })
  return first?.dueAt ?? null
}
