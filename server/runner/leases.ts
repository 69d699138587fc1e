import type { ChangeKind } from '../changes/change.ts'
import type { Reader } from '../database/reader.ts'
import { timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Lease } from './claim.ts'
import type { TaskHandler } from './handler.ts'
import { triedTimes } from './run-ending.ts'
import type { ClaimedTask } from './task.ts'

const { sql, join } = Prisma

/**
 * Extends the leases of the tasks that a server runs, in one statement. Not of all rows with its name: where the answer to
 * a COMMIT was lost, a row says that this server runs it, and the server does not know.
 */
export async function renewLeases(
  tx: Transaction,
  tasks: readonly ClaimedTask[],
  { owner, until }: Lease,
): Promise<void> {
  if (tasks.length === 0) return
  await tx.$executeRaw(
    sql`UPDATE "QueuedTask" SET "leaseUntil" = ${until}
      WHERE id IN (${join(tasks.map(({ id }) => id))}) AND state = 'RUNNING' AND "leaseOwner" = ${owner}`,
  )
}

/**
 * Puts back tasks whose run ended without a result for no fault of theirs, such as a stopping server. The attempt does
 * not count. A task with `dueAt` waits until then.
 */
export async function releaseTasks(
  tx: Transaction,
  tasks: readonly { task: ClaimedTask; dueAt: Date | null }[],
): Promise<void> {
  if (tasks.length === 0) return
  const claims = tasks.map(({ task: { id, claims } }) => sql`(id = ${id} AND claims = ${claims})`)
  const dueTimes = tasks.flatMap(({ task: { id }, dueAt }) =>
    dueAt ? [sql`WHEN ${id} THEN ${timestamp(dueAt)}`] : [],
  )
  const dueAt = dueTimes.length > 0 ? sql`CASE id ${join(dueTimes, ' ')} ELSE "dueAt" END` : sql`"dueAt"`
  await tx.$executeRaw(
    sql`UPDATE "QueuedTask" SET state = 'PENDING', attempts = attempts - 1, "leaseOwner" = NULL, "leaseUntil" = NULL,
        "dueAt" = ${dueAt}
      WHERE state = 'RUNNING' AND (${join(claims, ' OR ')})`,
  )
}

/**
 * Whose running tasks are recovered: those whose lease has expired, or those of all other servers (null). Those that the
 * server itself runs (`own`) never are.
 */
export type Recovery = { owner: string; expiredAt: Date | null; own: readonly ClaimedTask[] }

function lostWhere({ owner, expiredAt, own }: Recovery) {
  if (expiredAt === null) return sql`("leaseOwner" IS NULL OR "leaseOwner" <> ${owner})`
  const isExpired = sql`("leaseUntil" IS NULL OR "leaseUntil" < ${expiredAt})`
  return own.length === 0 ? isExpired : sql`${isExpired} AND id NOT IN (${join(own.map(({ id }) => id))})`
}

/** Whether a task is to be recovered. */
export async function isSomeLost(db: Reader, kinds: readonly string[], recovery: Recovery): Promise<boolean> {
  const found = await db.$queryRaw<unknown[]>(
    sql`SELECT id FROM "QueuedTask" WHERE kind IN (${join(kinds)}) AND state = 'RUNNING'
      AND ${lostWhere(recovery)} LIMIT 1`,
  )
  return found.length > 0
}

/**
 * Tasks of a server that died wait again. The attempt counts, because the task may be what the server died of; a
 * task without further attempts is DEAD. Gives what others have to notice of that.
 */
export async function recoverTasks(
  tx: Transaction,
  handlers: readonly TaskHandler[],
  recovery: Recovery,
  now: Date,
): Promise<ChangeKind[]> {
  const changes = new Set<ChangeKind>()
  const reason = 'the server ended meanwhile'
  for (const handler of handlers) {
    const { kind, maxAttempts, version, standing } = handler
    const isLost = sql`kind = ${kind} AND state = 'RUNNING' AND ${lostWhere(recovery)}`
    if (standing?.everyMs === undefined) {
      const dead = await tx.$queryRaw<ClaimedTask[]>(
        sql`UPDATE "QueuedTask" SET state = 'DEAD', version = ${version},
            error = ${triedTimes(reason, maxAttempts)}, "finishedAt" = ${now},
            "leaseOwner" = NULL, "leaseUntil" = NULL,
            "resultSha256" = NULL, "resultSizeBytes" = NULL, summary = NULL
          WHERE attempts >= ${maxAttempts} AND NOT "isWantedAgain" AND ${isLost}
          RETURNING id, kind, key, attempts, claims, payload, progress`,
      )
      for (const task of dead) await handler.failed?.(tx, task)
      if (dead.length > 0) for (const change of handler.changes(null)) changes.add(change)
    }
    await tx.$executeRaw(
      sql`UPDATE "QueuedTask" SET state = 'PENDING', error = ${reason},
          "leaseOwner" = NULL, "leaseUntil" = NULL,
          attempts = CASE WHEN "isWantedAgain" THEN 0 ELSE attempts END WHERE ${isLost}`,
    )
  }
  return [...changes]
}
