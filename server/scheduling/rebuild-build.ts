import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { inputPaths } from '../builds/artifact-roles.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { UnknownBuildError } from '../retention/pins.ts'
import { priorities, readDefinition, runDefinition, type RunDefinition } from './definition.ts'
import { ExecuteError, noQueue, NotRebuildableError } from './errors.ts'
import { queueRuns, type WantedRun } from './queue-runs.ts'

/** What a rebuild of a build needs to know of it. */
export type Rebuildable = {
  uuid: string
  job: string
  platform: string
  definition: RunDefinition
  /** Of the worker that made the build, if the hub gave it out. */
  workerName: string | null
}

/**
 * Reads which inputs a build has recorded, and the limits of its job. Throws UnknownBuildError, NotRebuildableError.
 */
export async function readRebuildable(db: Reader, uuid: string): Promise<Rebuildable> {
  const build = await db.build.findUnique({
    where: { uuid },
    select: {
      ...{ job: { select: { name: true } }, platform: { select: { name: true } } },
      artifacts: {
        where: { path: { in: inputPaths } },
        orderBy: { path: 'asc' },
        select: { path: true, sha256: true, sizeBytes: true },
      },
    },
  })
  if (!build) throw new UnknownBuildError(`there is no build ${uuid}`)
  const missing = inputPaths.filter((path) => !build.artifacts.some((one) => one.path === path))
  if (missing.length > 0)
    throw new NotRebuildableError(
      `build ${uuid} cannot be repeated: it has no ${missing.join(', ')}, which say what it was made from`,
    )
  const schedule = await db.schedule.findUnique({
    where: { job: build.job.name },
    select: { definition: true },
  })
  const attempt = await db.runTry.findUnique({ where: { uuid }, select: { workerName: true } })
  const inputs = build.artifacts.map(({ path, sha256, sizeBytes }) => ({
    ...{ path, sha256, sizeBytes: Number(sizeBytes) },
  }))
  const { timeoutSeconds, maxTries, maxParallel, limits } = schedule
    ? readDefinition(schedule.definition)
    : runDefinition.parse({ work: { kind: 'REBUILD', build: uuid, inputs } })
  return {
    ...{ uuid, job: build.job.name, platform: build.platform.name },
    definition: {
      work: { kind: 'REBUILD', build: uuid, inputs },
      ...{ timeoutSeconds, maxTries, maxParallel, limits, reproduce: null },
    },
    workerName: attempt?.workerName ?? null,
  }
}

/** The run that repeats a build on a platform: below fresh builds, and on another worker where there is one. */
export function rebuildRun(
  { uuid, job, definition, workerName }: Rebuildable,
  platform: string,
): WantedRun & { reproduces: string } {
  return {
    ...{ scheduleId: null, job, platform, definition, reproduces: uuid, avoidsWorker: workerName },
    ...{ cause: 'REPRODUCTION', priority: priorities.reproduction },
  }
}

/**
 * Queues a rebuild of a build from its recorded inputs, in front of all others, on its own platform or another one. Returns the UUID
 * of the run. Throws UnknownBuildError, NotRebuildableError, ExecuteError if the platform has no queue.
 */
export async function rebuildBuild(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  {
    uuid,
    platform = null,
    reason = null,
  }: { uuid: string; platform?: string | null; reason?: string | null },
): Promise<string> {
  return writer.transact(['runs'], async (tx) => {
    const build = await readRebuildable(tx, uuid)
    const where = platform ?? build.platform
    const queue = await tx.platformQueue.findUnique({ where: { platform: where } })
    if (!queue || queue.droppedAt)
      throw new ExecuteError(`${noQueue(where)}, so the build cannot be repeated there`, 'no such platform')
    const wanted = { ...rebuildRun(build, where), priority: priorities.requested }
    const [run = ''] = await queueRuns(tx, [{ ...wanted, requestedBy: actor.name, reason }], at, 'front')
    const detail = { rebuild: uuid, platform: where, run, ...(reason === null ? {} : { reason }) }
    await recordAudit(tx, { at, actor, action: 'run.request', target: build.job, detail })
    return run
  })
}
