import { DomainError } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { AnalysisId } from '../ids.ts'
import { analysedColumns, type KindRegistry } from './kind.ts'
import type { Writer } from '../writer.ts'
import { enqueue, inputsOf, restartBackfills } from './queue.ts'

const { sql, join } = Prisma

/** The data directory has no build with this UUID. */
export class BuildNotFoundError extends DomainError {
  override readonly name = 'BuildNotFoundError'
}

/** Rows that are changed at once: a server that runs meanwhile waits no longer than for these. */
const batchSize = 1_000

/** Let the analyses of one build be run again, whatever they gave. Gives how many. */
export async function requestForBuild(writer: Writer, kinds: KindRegistry, uuid: string): Promise<number> {
  return writer.transact(async (tx) => {
    const build = await tx.build.findUnique({ where: { uuid }, select: analysedColumns })
    if (!build) throw new BuildNotFoundError(`there is no build ${uuid}`)
    const keys = inputsOf(kinds, build)
    await enqueue(tx, keys, new Date())
    await tx.analysis.updateMany({
      // One that runs gives its result anyway.
      where: { OR: keys, state: { not: 'RUNNING' } },
      data: waiting(),
    })
    return keys.length
  })
}

/**
 * Let all analyses of these kinds be run again, or those that failed; and have all builds looked at for
 * what is missing. Gives how many rows wait now that did not before.
 */
export async function requestForAll(
  writer: Writer,
  kinds: KindRegistry,
  which: 'all' | 'failed',
): Promise<number> {
  const states = which === 'all' ? ['READY', 'FAILED'] : ['FAILED']
  const { dueAt } = waiting()
  let count = 0
  let after = 0 as AnalysisId
  for (;;) {
    // Raw SQL: Prisma would read what it changes first, and name each of the rows.
    const isAfter = sql`id > ${after}`
    const changed = await writer.transact((tx) =>
      tx.$queryRaw<{ id: AnalysisId }[]>(
        sql`UPDATE "Analysis" SET state = 'PENDING', attempts = 0, error = NULL, "dueAt" = ${dueAt}
          WHERE id IN (SELECT id FROM "Analysis" WHERE ${isAfter} AND kind IN (${join(Object.keys(kinds))})
            AND state IN (${join(states)}) ORDER BY id LIMIT ${batchSize}) RETURNING id`,
      ),
    )
    count += changed.length
    for (const { id } of changed) if (id > after) after = id
    if (changed.length < batchSize) break
  }
  await writer.transact((tx) => restartBackfills(tx, kinds))
  return count
}

const waiting = () => ({ state: 'PENDING', attempts: 0, error: null, dueAt: new Date() })
