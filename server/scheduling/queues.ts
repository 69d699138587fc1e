import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { AuditAction } from '../audit/actions.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { cancelQueued } from './cancel-queued.ts'
import { readDefinition } from './definition.ts'
import { UnknownPlatformError } from './errors.ts'
import { removeFound } from './schedules.ts'

type Named = { platform: string }
type Writing = Pick<Deps, 'writer'>

/** Gives no runs of a platform to workers from now on. What runs goes on. Throws UnknownPlatformError. */
export const pauseQueue = (deps: Writing, act: Act, { platform }: Named) =>
  changeQueue(deps, act, platform, 'queue.pause', (tx) =>
    tx.platformQueue.updateMany({ where: { platform }, data: { isPaused: true } }),
  )

/** Throws UnknownPlatformError. */
export const resumeQueue = (deps: Writing, act: Act, { platform }: Named) =>
  changeQueue(deps, act, platform, 'queue.resume', (tx) =>
    tx.platformQueue.updateMany({ where: { platform }, data: { isPaused: false } }),
  )

/**
 * Gives a platform up: its queue, and the schedules of its scripts. What runs goes on. Opam packages are not queued for it any
 * more, and its workers wait. Throws UnknownPlatformError if it has no queue.
 */
export const dropPlatform = (deps: Writing, act: Act, { platform }: Named) =>
  changeQueue(deps, act, platform, 'queue.drop', async (tx) => {
    const why = 'the platform was dropped'
    const scripts = await tx.schedule.findMany({
      where: { kind: 'SCRIPT' },
      select: { id: true, job: true, definition: true },
    })
    const ofPlatform = scripts.filter(({ definition }) => {
      const { work } = readDefinition(definition)
      return work.kind === 'SCRIPT' && work.platform === platform
    })
    await removeFound(tx, ofPlatform, act, why)
    await cancelQueued(tx, { platform }, why, act.at)
    await tx.platformQueue.updateMany({ where: { platform }, data: { droppedAt: act.at, isPaused: false } })
  })

/**
 * Takes a platform back. As of a new one, its queue comes into being when a worker asks, with everything that fits. Throws
 * UnknownPlatformError if it was not dropped.
 */
export async function undropPlatform(
  { writer }: Writing,
  { actor, at }: Act,
  { platform }: Named,
): Promise<void> {
  await writer.transact(['schedule', 'runs'], async (tx) => {
    const { count } = await tx.platformQueue.deleteMany({ where: { platform, droppedAt: { not: null } } })
    if (count === 0) throw new UnknownPlatformError(platform)
    await recordAudit(tx, { at, actor, action: 'queue.undrop', target: platform })
  })
}

async function changeQueue(
  { writer }: Writing,
  { actor, at }: Act,
  platform: string,
  action: AuditAction,
  change: (tx: Transaction) => Promise<unknown>,
): Promise<void> {
  await writer.transact(['schedule', 'runs'], async (tx) => {
    const queue = await tx.platformQueue.findUnique({ where: { platform, droppedAt: null } })
    if (!queue) throw new UnknownPlatformError(platform)
    await change(tx)
    await recordAudit(tx, { at, actor, action, target: platform })
  })
}
