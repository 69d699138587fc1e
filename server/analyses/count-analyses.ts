import { analysisKinds, type AnalysisKind, type KindRegistry } from './kind.ts'
import type { Reader } from '../reader.ts'

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

/** How the analyses of a hub stand. Walks an index of all. */
export async function countAnalyses(db: Reader, kinds: KindRegistry): Promise<AnalysisCounts> {
  const groups = await db.analysis.groupBy({ by: ['kind', 'version', 'state'], _count: true })
  const backfills = await db.analysisBackfill.findMany()
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  const oldest = await db.analysis.findFirst({
    where: { state: 'PENDING' },
    orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    select: { dueAt: true },
  })
  const reasons = await db.analysis.groupBy({
    by: ['kind', 'error'],
    where: { state: 'FAILED' },
    _count: true,
    _max: { inputSha256: true },
    orderBy: [{ _count: { id: 'desc' } }, { kind: 'asc' }, { error: 'asc' }],
    take: maxReasons,
  })
  return {
    kinds: analysisKinds.flatMap((kind) => {
      const definition = kinds[kind]
      if (!definition) return []
      const { version } = definition
      const own = groups.filter((group) => group.kind === kind)
      const sum = (...states: string[]) =>
        own.filter(({ state }) => states.includes(state)).reduce((total, group) => total + group._count, 0)
      const outdated = own.filter(
        (group) => group.version < version && ['READY', 'FAILED'].includes(group.state),
      )
      const backfill = backfills.find((one) => one.kind === kind && one.version === version)
      return [
        {
          ...{ kind, version },
          pending: sum('PENDING'),
          running: sum('RUNNING'),
          ready: sum('READY'),
          failed: sum('FAILED'),
          outdated: outdated.reduce((total, group) => total + group._count, 0),
          buildsToSee: backfill ? Math.max(0, backfill.seenBuildId - 1) : (newest?.id ?? 0),
        },
      ]
    }),
    oldestPendingSince: oldest?.dueAt ?? null,
    failures: reasons.map(({ kind, error, _count, _max }) => ({
      kind,
      reason: error ?? 'no reason is known',
      count: _count,
      inputSha256: _max.inputSha256 ?? '',
    })),
  }
}
