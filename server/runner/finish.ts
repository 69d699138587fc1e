import { hash, timestamp } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../database/writer.ts'
import type { TaskRecord } from './handler.ts'
import type { ClaimedTask, EndState } from './task.ts'

const { sql } = Prisma

/** How a run ended. `RETRY`: it is tried again at `dueAt`. `MORE`: it has done a part, and goes on. */
export type RunEnding =
  | { state: 'DONE' | 'MORE'; version: number; record: TaskRecord }
  | { state: Exclude<EndState, 'DONE'>; version: number; error: string }
  | { state: 'RETRY'; error: string; dueAt: Date }

/**
 * Writes how a run ended, if the task still belongs to it (fencing): false if another server has claimed the
 * task meanwhile, or if it was requested anew; then nothing was written. FAILED and DEAD remove the result of
 * an older version. A task that was enqueued while it ran, or with `nextAt`, waits again.
 */
export async function finishTask(
  tx: Transaction,
  { id, claims }: ClaimedTask,
  owner: string,
  ending: RunEnding,
  now: Date,
  nextAt: Date | null = null,
): Promise<boolean> {
  const isAgain = nextAt !== null && ending.state !== 'RETRY'
  const waits = ending.state === 'RETRY' || ending.state === 'MORE' || isAgain
  const pauseMs = ending.state === 'MORE' ? (ending.record.pauseMs ?? 0) : 0
  const dueAt = ending.state === 'RETRY' ? ending.dueAt : isAgain ? nextAt : new Date(now.getTime() + pauseMs)
  const attempts = isAgain || ending.state === 'MORE' ? sql`0` : sql`attempts`
  const changed = await tx.$executeRaw(
    sql`UPDATE "QueuedTask" SET
        state = CASE WHEN "isWantedAgain" THEN 'PENDING' ELSE ${waits ? 'PENDING' : ending.state} END,
        attempts = CASE WHEN "isWantedAgain" THEN 0 ELSE ${attempts} END,
        "dueAt" = CASE WHEN "isWantedAgain" THEN ${timestamp(now)} ELSE ${timestamp(dueAt)} END,
        ${outcomeColumns(ending)}, "finishedAt" = ${now}, "isWantedAgain" = FALSE,
        "leaseOwner" = NULL, "leaseUntil" = NULL
      WHERE id = ${id} AND state = 'RUNNING' AND "leaseOwner" = ${owner} AND claims = ${claims}`,
  )
  return changed > 0
}

function outcomeColumns(ending: RunEnding): Prisma.Sql {
  switch (ending.state) {
    case 'RETRY':
      return sql`error = ${ending.error}`
    case 'MORE':
      return sql`error = NULL, progress = CASE WHEN "isWantedAgain" THEN NULL ELSE ${ending.record.progress ?? null} END`
    case 'DONE': {
      const { result, summary = null, progress = null } = ending.record
      return sql`version = ${ending.version}, error = NULL, progress = ${progress}, "resultSha256" = ${hash(result?.id ?? null)},
        "resultSizeBytes" = ${result?.sizeBytes ?? null}, summary = ${summary}`
    }
    case 'FAILED':
    case 'DEAD':
      return sql`version = ${ending.version}, error = ${ending.error}, "resultSha256" = NULL,
        "resultSizeBytes" = NULL, summary = NULL`
  }
}
