import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { DomainError } from '../errors.ts'
import { enqueue } from '../runner/enqueue.ts'
import { requeue } from '../runner/requeue.ts'
import { endStates, priorities } from '../runner/task.ts'
import type { Writer } from '../database/writer.ts'
import { inputsOf, taskOf } from './analysis-key.ts'
import { backfillTaskOf } from './backfill-handler.ts'
import { analysedColumns, isAnalysisKind, type KindRegistry } from './kind.ts'

/** The data directory has no build with this UUID. */
export class BuildNotFoundError extends DomainError {
  override readonly name = 'BuildNotFoundError'
}

/** Runs the analyses of one build again, whatever they gave. Returns how many. */
export async function requestForBuild(
  writer: Writer,
  act: Act,
  kinds: KindRegistry,
  uuid: string,
): Promise<number> {
  return writer.transact(['tasks'], async (tx) => {
    const build = await tx.build.findUnique({ where: { uuid }, select: analysedColumns })
    if (!build) throw new BuildNotFoundError(`there is no build ${uuid}`)
    const keys = inputsOf(kinds, build)
    await enqueue(
      tx,
      keys.map((key) => ({ ...taskOf(key), ifKnown: 'runAgain' })),
      new Date(),
    )
    const detail = { kinds: Object.keys(kinds), count: keys.length }
    await recordAudit(tx, { ...act, action: 'analysis.retry', target: uuid, detail })
    return keys.length
  })
}

/**
 * Runs all analyses of these kinds again, or those that failed, and looks through all builds for missing ones.
 * Returns how many analyses wait now that did not before.
 */
export async function requestForAll(
  writer: Writer,
  act: Act,
  kinds: KindRegistry,
  which: 'all' | 'failed',
): Promise<number> {
  const names = Object.keys(kinds).filter(isAnalysisKind)
  const now = new Date()
  const count = await requeue(writer, names, which === 'all' ? endStates : ['FAILED', 'DEAD'], now)
  const backfill = { priority: priorities.later, ifKnown: 'runAgain' } as const
  await writer.transact(['tasks'], async (tx) => {
    await enqueue(
      tx,
      names.map((kind) => ({ ...backfillTaskOf(kind), ...backfill })),
      now,
    )
    await recordAudit(tx, { ...act, action: 'analysis.retry', detail: { kinds: names, which, count } })
  })
  return count
}
