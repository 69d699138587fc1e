import type { Deps } from '../deps.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { RunId } from '../ids.ts'
import { waitingReasons, type WaitingReason } from './waiting-reasons.ts'

/** `ahead`: how many runs of the platform stand before it, by priority and time; fair shares may change that order. */
export type Waiting = { ahead: number; reason: WaitingReason }

/** Where runs that are queued stand, and why they wait. Others are not in the result. A few statements for all. */
export async function findWaiting(
  deps: Pick<Deps, 'clock' | 'config' | 'db'>,
  runIds: readonly RunId[],
): Promise<Map<RunId, Waiting>> {
  const rows = await findQueued(deps.db, runIds)
  const reasons = await waitingReasons(deps, rows)
  return new Map(
    rows.map(({ id, ahead }) => [id, { ahead: Number(ahead), reason: reasons.get(id) ?? 'NEXT' }]),
  )
}

type Queued = {
  id: RunId
  platform: string
  job: string
  kind: string
  notBefore: Date | null
  maxParallel: number
  ahead: bigint
}

function findQueued(db: Reader, runIds: readonly RunId[]): Promise<Queued[]> {
  if (runIds.length === 0) return Promise.resolve([])
  return db.$queryRaw<Queued[]>`
    SELECT r."id", r."platform", r."job", r."kind", r."notBefore", r."maxParallel",
      (SELECT COUNT(*) FROM "Run" q WHERE q."state" = 'QUEUED' AND q."platform" = r."platform"
        AND (q."priority", q."position", q."id") < (r."priority", r."position", r."id")) AS "ahead"
    FROM "Run" r WHERE r."state" = 'QUEUED' AND r."id" IN (${Prisma.join([...runIds])})`
}
