import type { Deps } from '../deps.ts'
import type { Run } from '../generated/prisma/client.ts'
import { activeRunStates } from './run-state.ts'
import { listTemplatePlatforms } from './templates.ts'

/** Why a run is not given to a worker now. NEXT: nothing keeps it; it is its turn, or that of others before it. */
export type WaitingReason =
  'QUEUE_PAUSED' | 'NO_TEMPLATE' | 'NOT_BEFORE' | 'JOB_RUNS' | 'NO_WORKER' | 'WORKERS_BUSY' | 'NEXT'

type Waiting = Pick<Run, 'id' | 'job' | 'platform' | 'kind' | 'maxParallel' | 'notBefore'>

/** The reasons of runs that wait, by their id, in five statements for any number of runs. */
export async function waitingReasons(
  deps: Pick<Deps, 'clock' | 'config' | 'db'>,
  runs: readonly Waiting[],
): Promise<Map<Run['id'], WaitingReason>> {
  const { db, clock } = deps
  if (runs.length === 0) return new Map()
  const [paused, active, workers, templates] = await Promise.all([
    db.platformQueue.findMany({ where: { isPaused: true }, select: { platform: true } }),
    db.run.groupBy({
      by: ['job', 'platform'],
      where: { state: { in: [...activeRunStates] } },
      _count: true,
      orderBy: { job: 'asc' },
    }),
    db.buildWorker.findMany({
      where: { connections: { gt: 0 } },
      select: { platform: true, slots: true },
    }),
    listTemplatePlatforms(deps, 'BUILD'),
  ])
  const hasTemplate = new Set(templates.map(({ platform }) => platform))
  const runningOn = (platform: string) =>
    active.reduce((sum, one) => sum + (one.platform === platform ? one._count : 0), 0)
  const slotsOf = (platform: string) =>
    workers.reduce((sum, one) => sum + (one.platform === platform ? one.slots : 0), 0)

  function reasonOf({ job, platform, kind, maxParallel, notBefore }: Waiting): WaitingReason {
    if (paused.some((one) => one.platform === platform)) return 'QUEUE_PAUSED'
    if (kind === 'OPAM_PACKAGE' && !hasTemplate.has(platform)) return 'NO_TEMPLATE'
    if (notBefore && notBefore > clock.now()) return 'NOT_BEFORE'
    const own = active.find((one) => one.job === job && one.platform === platform)
    if ((own?._count ?? 0) >= maxParallel) return 'JOB_RUNS'
    if (slotsOf(platform) === 0) return 'NO_WORKER'
    return runningOn(platform) >= slotsOf(platform) ? 'WORKERS_BUSY' : 'NEXT'
  }

  return new Map(runs.map((run) => [run.id, reasonOf(run)]))
}
