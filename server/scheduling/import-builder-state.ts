import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { BuilderJob, ScheduledJob } from '../formats/builder-commands.ts'
import type { BuilderState } from '../formats/builder-state.ts'
import { InvalidScheduleError } from './errors.ts'
import { queueRuns } from './queue-runs.ts'
import { runsOfSchedule } from './queue-schedules.ts'
import { checkJob, checkPlatform, checkSchedule, storeScripts, type WorkInput } from './schedule-input.ts'
import { createSchedule } from './schedules.ts'

export type StateReport = {
  /** Jobs whose schedules were taken over, and those that had one here. */
  schedules: number
  present: number
  /** Runs that were put into queues. */
  queued: number
  /** Platforms that were marked as dropped. */
  dropped: number
  refused: { name: string; reason: string }[]
}

/** Ends the transaction of a dry run. */
class DryRunError extends Error {
  override readonly name = 'DryRunError'
}

/**
 * Takes over what builder-server has in its file `state`: schedules with their next times, queues in their order, and dropped
 * platforms. What is here already stays as it is. All of it is one transaction, so that it can be run again. What the hub refuses,
 * such as a name with a slash, is named, and left out.
 */
export async function importBuilderState(
  { writer }: Pick<Deps, 'writer'>,
  act: Act,
  state: BuilderState,
  { isDryRun }: { isDryRun: boolean },
): Promise<StateReport> {
  const report: StateReport = { schedules: 0, present: 0, queued: 0, dropped: 0, refused: [] }
  try {
    await writer.transact(['schedule', 'runs'], async (tx) => {
      Object.assign(report, { schedules: 0, present: 0, queued: 0, dropped: 0, refused: [] })
      for (const platform of state.droppedPlatforms) await drop(tx, platform, act, report)
      for (const scheduled of state.schedules) await takeSchedule(tx, scheduled, act, report)
      for (const { platform, jobs } of state.queues) await takeQueue(tx, platform, jobs, act, report)
      if (isDryRun) throw new DryRunError()
    })
  } catch (error) {
    if (!(error instanceof DryRunError)) throw error
  }
  return report
}

async function drop(tx: Transaction, platform: string, { actor, at }: Act, report: StateReport) {
  await noteRefusal(report, `platform ${platform}`, async () => {
    checkPlatform(platform)
    if (await tx.platformQueue.findUnique({ where: { platform } })) return
    await tx.platformQueue.create({ data: { platform, createdAt: at, droppedAt: at } })
    await recordAudit(tx, { at, actor, action: 'queue.drop', target: platform })
    report.dropped++
  })
}

const nameOf = ({ job }: BuilderJob) => job.name

async function takeSchedule(
  tx: Transaction,
  { next, period, job }: ScheduledJob,
  act: Act,
  report: StateReport,
) {
  const name = nameOf(job)
  await noteRefusal(report, `job ${name}`, async () => {
    checkJob(name)
    const checked = checkSchedule({ work: workOf(job), period }, act.at)
    if (await tx.schedule.findUnique({ where: { job: name }, select: { id: true } })) {
      report.present++
      return
    }
    if (checked.script) await storeScripts(tx, [checked.script], act.at)
    await createSchedule(tx, act, {
      ...{ job: name, definition: checked.definition, nextAt: period === 'NEVER' ? null : next },
    })
    report.schedules++
  })
}

function workOf(job: BuilderJob): WorkInput {
  if (job.kind === 'OPAM_PACKAGE') return { kind: job.kind, opamPackage: job.job.opamPackage }
  return { kind: job.kind, platform: job.job.platform, script: job.job.script }
}

async function takeQueue(
  tx: Transaction,
  platform: string,
  jobs: readonly BuilderJob[],
  { at }: Act,
  report: StateReport,
) {
  await noteRefusal(report, `queue of platform ${platform}`, async () => {
    checkPlatform(platform)
    const queue = await tx.platformQueue.findUnique({ where: { platform } })
    if (queue?.droppedAt) throw new InvalidScheduleError('was dropped here')
    if (!queue) await tx.platformQueue.create({ data: { platform, createdAt: at } })
    for (const job of jobs) {
      const schedule = await tx.schedule.findUnique({ where: { job: nameOf(job) } })
      const wanted = schedule ? runsOfSchedule(schedule, [platform], 'SCHEDULE') : []
      if (wanted.length === 0)
        report.refused.push({
          ...{ name: `job ${nameOf(job)} in the queue of ${platform}` },
          reason: 'is not scheduled for the platform',
        })
      const before = await tx.run.count()
      await queueRuns(tx, wanted, at)
      report.queued += (await tx.run.count()) - before
    }
  })
}

async function noteRefusal(report: StateReport, name: string, take: () => Promise<void>): Promise<void> {
  try {
    await take()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    report.refused.push({ name, reason: error.message })
  }
}
