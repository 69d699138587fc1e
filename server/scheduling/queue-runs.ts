import { randomUUID } from 'node:crypto'
import type { Transaction } from '../database/writer.ts'
import { groupBy } from '../group-by.ts'
import type { ScheduleId } from '../ids.ts'
import { slicesOf } from '../slices.ts'
import type { RunDefinition } from './definition.ts'
import type { RunCause } from './run-state.ts'

/** A run that somebody, or something, wants. */
export type WantedRun = {
  scheduleId: ScheduleId | null
  job: string
  platform: string
  cause: RunCause
  priority: number
  definition: RunDefinition
  requestedBy?: string | null
  reason?: string | null
  /** UUID of a build. */
  reproduces?: string | null
  avoidsWorker?: string | null
  notBefore?: Date | null
}

/** Some twenty parameters each, of the 999 that Prisma takes. */
const rowsPerStatement = 40

/** A job is in a platform's queue once; each build that is repeated, once more. Names have no slash. */
export const queueKeyOf = ({
  job,
  platform,
  reproduces = null,
}: Pick<WantedRun, 'job' | 'platform' | 'reproduces'>) =>
  [platform, job, ...(reproduces === null ? [] : [reproduces])].join('/')

/**
 * Puts runs at the end, or the front, of the queues of their platforms, in their order. What is in a queue already stays one run:
 * at the front, it moves there. Returns the UUIDs of the runs, in the order of `wanted`.
 */
export async function queueRuns(
  tx: Transaction,
  wanted: readonly WantedRun[],
  now: Date,
  where: 'front' | 'end' = 'end',
): Promise<string[]> {
  const uuids = new Map<string, string>()
  for (const [platform, ofPlatform] of groupBy(wanted, (run) => run.platform)) {
    const byKey = new Map(ofPlatform.map((run) => [queueKeyOf(run), run]))
    const waiting = await findWaiting(tx, [...byKey.keys()])
    let position = await freePosition(tx, platform, where, byKey.size)
    const rows: ReturnType<typeof rowOf>[] = []
    for (const [queueKey, run] of byKey) {
      const known = waiting.get(queueKey)
      uuids.set(queueKey, known ?? randomUUID())
      if (known === undefined) {
        const uuid = uuids.get(queueKey) ?? ''
        rows.push(rowOf(run, { uuid, queueKey, position: position++, queuedAt: now }))
      } else if (where === 'front') await moveToFront(tx, queueKey, run, position++)
    }
    for (const data of slicesOf(rows, rowsPerStatement)) await tx.run.createMany({ data })
  }
  return wanted.map((run) => uuids.get(queueKeyOf(run)) ?? '')
}

function rowOf(
  {
    definition,
    requestedBy = null,
    reason = null,
    reproduces = null,
    avoidsWorker = null,
    notBefore = null,
    ...run
  }: WantedRun,
  place: { uuid: string; queueKey: string; position: number; queuedAt: Date },
) {
  return {
    ...run,
    ...place,
    ...{ requestedBy, reason, reproduces, avoidsWorker, notBefore },
    state: 'QUEUED',
    kind: definition.work.kind,
    maxParallel: definition.maxParallel,
    definition: JSON.stringify(definition),
  }
}

async function findWaiting(tx: Transaction, keys: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const slice of slicesOf(keys, 500)) {
    const rows = await tx.run.findMany({
      where: { queueKey: { in: slice } },
      select: { queueKey: true, uuid: true },
    })
    for (const { queueKey, uuid } of rows) if (queueKey !== null) found.set(queueKey, uuid)
  }
  return found
}

/** The first of so many positions that follow each other, before or after all that wait. */
async function freePosition(
  tx: Transaction,
  platform: string,
  where: 'front' | 'end',
  count: number,
): Promise<number> {
  const { _min, _max } = await tx.run.aggregate({
    where: { state: 'QUEUED', platform },
    _min: { position: true },
    _max: { position: true },
  })
  return where === 'front' ? (_min.position ?? 0) - count : (_max.position ?? 0) + 1
}

async function moveToFront(tx: Transaction, queueKey: string, run: WantedRun, position: number) {
  const { priority, requestedBy, reason } = run
  await tx.run.updateMany({
    where: { queueKey },
    data: {
      ...{ position, priority, notBefore: null },
      ...(requestedBy == null ? {} : { requestedBy }),
      ...(reason == null ? {} : { reason }),
    },
  })
}

/** The position after all that wait, for a run that is put back. */
export const endOfQueue = (tx: Transaction, platform: string) => freePosition(tx, platform, 'end', 1)
