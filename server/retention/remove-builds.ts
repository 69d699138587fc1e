import type { Transaction, Writer } from '../database/writer.ts'
import { removeBuild } from '../facts/remove-build.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { checkFactsKnown } from './known-facts.ts'
import type { Removal } from './removal.ts'

const { sql, join, empty } = Prisma

/** Builds that one transaction removes at most. */
export const buildsPerTransaction = 20

export type RemoveOptions = {
  /**
   * The newest builds of a job on a platform are left, too, not only pinned ones. Nothing is removed unless it is known which
   * they are.
   */
  leavesNewest: boolean
  /** No further build is begun in the transaction after so long. */
  transactionMs?: number
}

export type RemovedStep = { removed: BuildId[]; left: BuildId[]; notReached: BuildId[] }

/**
 * Removes builds in one transaction. Those that have been pinned meanwhile, or are gone, are `left`; those for which the
 * time was too short are `notReached`. Throws FactsUnknownError with `leavesNewest`.
 */
export async function removeBuilds(
  writer: Writer,
  ids: readonly BuildId[],
  removal: Removal,
  { leavesNewest, transactionMs = 200 }: RemoveOptions,
): Promise<RemovedStep> {
  return writer.transact<RemovedStep>(
    ({ removed }) => (removed.length > 0 ? ['builds'] : []),
    async (tx) => {
      const step: RemovedStep = { removed: [], left: [], notReached: [] }
      if (leavesNewest) await checkFactsKnown(tx)
      const removable = await findRemovable(tx, ids, leavesNewest)
      const endsAt = performance.now() + transactionMs
      for (const id of ids) {
        if (!removable.has(id)) step.left.push(id)
        else if (step.removed.length > 0 && performance.now() >= endsAt) step.notReached.push(id)
        else if (await removeBuild(tx, id, removal)) step.removed.push(id)
        else step.left.push(id)
      }
      return step
    },
  )
}

/** What was decided outside of the transaction may be outdated: another command may have removed or pinned builds. */
async function findRemovable(
  tx: Transaction,
  ids: readonly BuildId[],
  leavesNewest: boolean,
): Promise<Set<BuildId>> {
  if (ids.length === 0) return new Set()
  const isNotNewest = ['newestBuildId', 'newestSuccessId', 'newestMainBinaryId'].map(
    (column) =>
      sql`AND NOT EXISTS (SELECT 1 FROM "JobPlatform" n WHERE n.${Prisma.raw(`"${column}"`)} = b.id)`,
  )
  const rows = await tx.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id FROM "Build" b WHERE b.id IN (${join(ids)})
      AND NOT EXISTS (SELECT 1 FROM "Pin" p WHERE p."buildId" = b.id)
      ${leavesNewest ? join(isNotNewest, ' ') : empty}`,
  )
  return new Set(rows.map(({ id }) => id))
}
