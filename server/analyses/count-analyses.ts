import { analysisKinds, type AnalysisKind, type KindRegistry } from './kind.ts'
import type { Reader } from '../database/reader.ts'
import { endStates } from '../runner/task.ts'
import { backfillProgressOf, backfillTaskOf } from './backfill-handler.ts'

export type KindCounts = {
  kind: AnalysisKind
  version: number
  pending: number
  running: number
  ready: number
  failed: number
  /** Of `ready` and `failed`: those of an older version. */
  outdated: number
  /** Builds that were stored before this kind was there, and are still to be looked at, at most. */
  buildsToSee: number
}

export type AnalysisCounts = {
  kinds: KindCounts[]
  /** Since when the first in the queue waits; null when none does. */
  oldestPendingSince: Date | null
  /** Why analyses failed, the most frequent reasons first. */
  failures: { kind: string; reason: string; count: number; inputSha256: string }[]
}

const maxReasons = 20
const failedStates = ['FAILED', 'DEAD']

/** How the analyses of a hub stand. Reads all their rows. */
export async function countAnalyses(db: Reader, kinds: KindRegistry): Promise<AnalysisCounts> {
  const isAnalysis = { kind: { in: [...analysisKinds] } }
  const groups = await db.queuedTask.groupBy({
    by: ['kind', 'version', 'state'],
    where: isAnalysis,
    _count: true,
  })
  const backfills = await db.queuedTask.findMany({
    where: { kind: { in: analysisKinds.map((kind) => backfillTaskOf(kind).kind) } },
    select: { kind: true, version: true, state: true, progress: true },
  })
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  const oldest = await db.queuedTask.findFirst({
    where: { ...isAnalysis, state: 'PENDING' },
    orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    select: { dueAt: true },
  })
  const reasons = await db.queuedTask.groupBy({
    by: ['kind', 'error'],
    where: { ...isAnalysis, state: { in: failedStates } },
    _count: true,
    _max: { key: true },
    orderBy: [{ _count: { id: 'desc' } }, { kind: 'asc' }, { error: 'asc' }],
    take: maxReasons,
  })
  return {
    kinds: analysisKinds.flatMap((kind) => {
      const definition = kinds[kind]
      if (!definition) return []
      const { version } = definition
      const own = groups.filter((group) => group.kind === kind)
      const sum = (states: readonly string[], isCounted = (_group: { version: number }) => true) =>
        own
          .filter((group) => states.includes(group.state) && isCounted(group))
          .reduce((total, group) => total + group._count, 0)
      const backfill = backfills.find((one) => one.kind === backfillTaskOf(kind).kind)
      const isSeen = backfill?.state === 'DONE' && backfill.version === version
      const beforeId = backfillProgressOf(backfill?.progress ?? null, version)
      return [
        {
          ...{ kind, version },
          pending: sum(['PENDING']),
          running: sum(['RUNNING']),
          ready: sum(['DONE']),
          failed: sum(failedStates),
          outdated: sum(endStates, (group) => group.version < version),
          buildsToSee: isSeen ? 0 : beforeId !== null ? beforeId - 1 : (newest?.id ?? 0),
        },
      ]
    }),
    oldestPendingSince: oldest?.dueAt ?? null,
    failures: reasons.map(({ kind, error, _count, _max }) => ({
      kind,
      reason: error ?? 'no reason is known',
      count: _count,
      inputSha256: _max.key?.slice(0, 64) ?? '',
    })),
  }
}
