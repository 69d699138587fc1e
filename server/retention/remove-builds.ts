import type { Act } from '../audit/actor.ts'
import { recordAudit, type Audited } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { removeBuild } from '../facts/remove-build.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { checkFactsKnown } from './known-facts.ts'
import { reasonOf, type Removal } from './removal.ts'

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
  /** What the audit log says of a transaction that removed something. */
  entriesOf?: (removed: readonly RemovedBuild[]) => Audited[]
}

export type RemovedBuild = { uuid: string; job: string; platform: string }

/** One entry for each build that somebody has named. */
export const removedBuilds = (
  { actor, at }: Act,
  builds: readonly RemovedBuild[],
  reason: string,
): Audited[] =>
  builds.map(({ uuid, job, platform }) => ({
    ...{ at, actor, action: 'build.remove', target: uuid },
    detail: { job, platform, reason: reasonOf(reason) },
  }))

export type RemovedStep = { removed: BuildId[]; left: BuildId[]; notReached: BuildId[] }

/**
 * Removes builds in one transaction. Those that have been pinned meanwhile, or are gone, are `left`; those for which the
 * time was too short are `notReached`. Throws FactsUnknownError with `leavesNewest`.
 */
export async function removeBuilds(
  writer: Writer,
  ids: readonly BuildId[],
  removal: Removal,
  { leavesNewest, transactionMs = 200, entriesOf = () => [] }: RemoveOptions,
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
      const removed = step.removed.flatMap((id) => removable.get(id) ?? [])
      for (const entry of removed.length > 0 ? entriesOf(removed) : []) await recordAudit(tx, entry)
      return step
    },
  )
}

/** What was decided outside of the transaction may be outdated: another command may have removed or pinned builds. */
async function findRemovable(
  tx: Transaction,
  ids: readonly BuildId[],
  leavesNewest: boolean,
): Promise<Map<BuildId, RemovedBuild>> {
  if (ids.length === 0) return new Map()
  const isNotNewest = ['newestBuildId', 'newestSuccessId', 'newestMainBinaryId'].map(
    (column) =>
      sql`AND NOT EXISTS (SELECT 1 FROM "JobPlatform" n WHERE n.${Prisma.raw(`"${column}"`)} = b.id)`,
  )
  const rows = await tx.$queryRaw<(RemovedBuild & { id: BuildId })[]>(
    sql`SELECT b.id, b.uuid, j.name AS job, p.name AS platform FROM "Build" b
      JOIN "Job" j ON j.id = b."jobId" JOIN "Platform" p ON p.id = b."platformId" WHERE b.id IN (${join(ids)})
      AND NOT EXISTS (SELECT 1 FROM "Pin" k WHERE k."buildId" = b.id)
      ${leavesNewest ? join(isNotNewest, ' ') : empty}`,
  )
  return new Map(rows.map(({ id, ...build }) => [id, build]))
}
