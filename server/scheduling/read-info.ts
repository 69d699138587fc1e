import type { Reader } from '../database/reader.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { readDefinition, readRunDefinition, type Period, type Work } from './definition.ts'
import { queueOrder } from './list-runs.ts'
import { activeRunStates } from './run-state.ts'

/** A job as builder-client shows it. */
export type InfoJob =
  | { kind: 'SCRIPT'; name: string; platform: string; script: Uint8Array }
  | { kind: 'OPAM_PACKAGE'; name: string; opamPackage: string }

/** What builder-client's `info` shows. */
export type SchedulingInfo = {
  /** `nextAt` null: never by itself, or not while it is paused. */
  schedules: { nextAt: Date | null; period: Period; job: InfoJob }[]
  queues: { platform: string; jobs: InfoJob[] }[]
  /** The script is what the worker got. */
  running: { startedAt: Date; uuid: string; name: string; platform: string; script: Uint8Array }[]
  dropped: string[]
}

/** Reads everything that is scheduled, waits and runs, with all scripts. */
export async function readInfo(db: Reader): Promise<SchedulingInfo> {
  const schedules = await db.schedule.findMany({ orderBy: [{ nextAt: 'asc' }, { id: 'asc' }] })
  const platforms = await db.platformQueue.findMany({ orderBy: { platform: 'asc' } })
  const waiting = await db.run.findMany({
    where: { state: 'QUEUED' },
    orderBy: [...queueOrder],
    select: { job: true, platform: true, definition: true },
  })
  const running = await db.runTry.findMany({
    where: { state: { not: 'ENDED' }, run: { state: { in: [...activeRunStates] } } },
    orderBy: { id: 'asc' },
    include: { run: { select: { job: true, platform: true } } },
  })
  const scheduled = schedules.map((row) => ({ ...row, definition: readDefinition(row.definition) }))
  const queued = waiting.map((row) => ({ ...row, definition: readRunDefinition(row.definition) }))
  const works = [...scheduled, ...queued].map(({ definition }) => definition.work)
  const scripts = await readScripts(db, [
    ...works.flatMap((work) => (work.kind === 'SCRIPT' ? [work.scriptSha256] : [])),
    ...running.map(({ scriptSha256 }) => scriptSha256),
  ])
  const jobOf = (name: string, work: Work): InfoJob =>
    work.kind === 'SCRIPT'
      ? { kind: work.kind, name, platform: work.platform, script: scripts(work.scriptSha256) }
      : { kind: work.kind, name, opamPackage: work.opamPackage }
  return {
    schedules: scheduled.map(({ job, period, nextAt, isPaused, definition }) => ({
      ...{ nextAt: isPaused ? null : nextAt, period: period as Period, job: jobOf(job, definition.work) },
    })),
    queues: platforms
      .filter(({ droppedAt }) => droppedAt === null)
      .map(({ platform }) => ({
        platform,
        jobs: queued.flatMap(({ job, platform: of, definition: { work } }) =>
          of === platform && work.kind !== 'REBUILD' ? [jobOf(job, work)] : [],
        ),
      })),
    running: running.map(({ uuid, assignedAt, scriptSha256, run }) => ({
      ...{ startedAt: assignedAt, uuid, name: run.job, platform: run.platform },
      script: scripts(scriptSha256),
    })),
    dropped: platforms.filter(({ droppedAt }) => droppedAt !== null).map(({ platform }) => platform),
  }
}

/** The scripts with these hashes. */
export async function readScripts(
  db: Reader,
  sha256s: readonly string[],
): Promise<(sha256: string) => Uint8Array> {
  const rows = await inSlices([...new Set(sha256s)], parametersPerStatement, (slice) =>
    db.runScript.findMany({ where: { sha256: { in: slice } } }),
  )
  const contents = new Map(rows.map(({ sha256, content }) => [sha256, content]))
  return (sha256) => {
    const content = contents.get(sha256)
    if (!content) throw new Error(`the script ${sha256} is not there`)
    return content
  }
}
