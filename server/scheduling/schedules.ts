import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { Schedule } from '../generated/prisma/client.ts'
import { readDefinition, type Definition, type Period } from './definition.ts'
import { JobNameUsedError, PlatformDroppedError, ScheduleNotFoundError } from './errors.ts'
import { firstTime, nextTime } from './next-time.ts'
import { queueRuns } from './queue-runs.ts'
import { openQueue, queuedPlatforms, runDefinitionOf, runsOfSchedule } from './queue-schedules.ts'
import { cancelQueued } from './cancel-queued.ts'
import {
  changedOptions,
  checkJob,
  checkSchedule,
  storeScripts,
  type ScheduleInput,
  type ScheduleOptions,
  type WorkInput,
} from './schedule-input.ts'
import { findTemplate } from './templates.ts'

type ScheduleDeps = Pick<Deps, 'config' | 'db' | 'writer'>

/**
 * Adds the schedule of a job, and queues its runs at once: a script's on its platform, an opam package's on all platforms that
 * have a queue. Throws JobNameUsedError, PlatformDroppedError, InvalidScheduleError.
 */
export async function addSchedule(
  deps: ScheduleDeps,
  { actor, at }: Act,
  input: ScheduleInput,
): Promise<{ job: string; runs: string[] }> {
  const { job } = input
  checkJob(job)
  const { definition, script } = checkSchedule(input, at)
  const hasTemplate = await hasTemplateFor(deps, definition)
  try {
    return await deps.writer.transact(['schedule', 'runs'], async (tx) => {
      if (await tx.schedule.findUnique({ where: { job }, select: { id: true } }))
        throw new JobNameUsedError(job)
      await openScriptQueue(tx, definition, hasTemplate, at)
      if (script) await storeScripts(tx, [script], at)
      const nextAt = firstTime(definition, at)
      const schedule = await createSchedule(tx, { actor, at }, { job, definition, nextAt })
      const wanted = runsOfSchedule(schedule, await queuedPlatforms(tx), 'SCHEDULE')
      return { job, runs: await queueRuns(tx, wanted, at) }
    })
  } catch (error) {
    if (isUniqueViolation(error, 'Schedule', 'job')) throw new JobNameUsedError(job)
    throw error
  }
}

/** Writes the row of a schedule, its first version, and the entry of the audit log. The script must be stored. */
export async function createSchedule(
  tx: Transaction,
  { actor, at }: Act,
  { job, definition, nextAt }: { job: string; definition: Definition; nextAt: Date | null },
): Promise<Schedule> {
  const version = await addVersion(tx, { job, at, actor: actor.name, definition })
  const times = { createdAt: at, updatedAt: at, nextAt }
  const schedule = await tx.schedule.create({ data: { job, version, ...times, ...columnsOf(definition) } })
  await recordAudit(tx, { at, actor, action: 'schedule.add', target: job, detail: shown(definition) })
  return schedule
}

/** A script's platform has a queue from then on. */
async function openScriptQueue(tx: Transaction, { work }: Definition, hasTemplate: boolean, at: Date) {
  if (work.kind !== 'SCRIPT') return
  const queue = await tx.platformQueue.findUnique({ where: { platform: work.platform } })
  if (queue?.droppedAt) throw new PlatformDroppedError(work.platform)
  await openQueue(tx, work.platform, { hasTemplate, isWanted: true }, at)
}

async function hasTemplateFor(deps: ScheduleDeps, { work }: Definition): Promise<boolean> {
  return work.kind === 'SCRIPT' && (await findTemplate(deps, 'BUILD', work.platform)) !== null
}

const columnsOf = (definition: Definition) => ({
  kind: definition.work.kind,
  definition: JSON.stringify(definition),
  period: definition.period,
  cron: definition.cron,
})

/** For the audit log: the definition without its defaults is what somebody has changed, so all of it is kept; it is small. */
const shown = (definition: Definition): Readonly<Record<string, unknown>> => definition

async function addVersion(
  tx: Transaction,
  version: { job: string; at: Date; actor: string | null; definition: Definition | null },
): Promise<number> {
  const { job, at, actor, definition } = version
  const { _max } = await tx.scheduleVersion.aggregate({ where: { job }, _max: { version: true } })
  const number = (_max.version ?? 0) + 1
  const json = definition && JSON.stringify(definition)
  await tx.scheduleVersion.create({ data: { job, at, actor, version: number, definition: json } })
  return number
}

/**
 * Changes the schedule of a job. What is missing stays. Runs that wait get the new definition; runs on platforms that the job
 * is not built on any more are cancelled. Queues nothing. Throws ScheduleNotFoundError, PlatformDroppedError,
 * InvalidScheduleError.
 */
export async function updateSchedule(
  deps: ScheduleDeps,
  { actor, at }: Act,
  { job, work, ...options }: { job: string; work?: WorkInput } & Partial<ScheduleOptions>,
): Promise<void> {
  const found = await deps.db.schedule.findUnique({ where: { job }, select: { definition: true } })
  if (!found) throw new ScheduleNotFoundError(job)
  const before = readDefinition(found.definition)
  const { work: workBefore, ...optionsBefore } = before
  const checked = checkSchedule(
    {
      ...changedOptions(optionsBefore, options),
      work: work ?? { kind: 'OPAM_PACKAGE', opamPackage: 'unchanged' },
    },
    at,
  )
  const definition = { ...checked.definition, work: work ? checked.definition.work : workBefore }
  const hasTemplate = await hasTemplateFor(deps, definition)
  await deps.writer.transact(['schedule', 'runs'], async (tx) => {
    const schedule = await findSchedule(tx, job)
    await openScriptQueue(tx, definition, hasTemplate, at)
    if (work && checked.script) await storeScripts(tx, [checked.script], at)
    const version = await addVersion(tx, { job, at, actor: actor.name, definition })
    const isSameTime =
      before.period === definition.period &&
      before.cron === definition.cron &&
      before.timeZone === definition.timeZone
    await tx.schedule.updateMany({
      where: { id: schedule.id },
      data: {
        ...{ ...columnsOf(definition), version, updatedAt: at },
        ...(isSameTime ? {} : { nextAt: firstTime(definition, at) }),
      },
    })
    await renewQueued(tx, { ...schedule, definition: JSON.stringify(definition) }, at)
    await recordAudit(tx, { at, actor, action: 'schedule.update', target: job, detail: shown(definition) })
  })
}

/** Gives the runs of a schedule that wait its new definition. */
async function renewQueued(tx: Transaction, schedule: Schedule, at: Date): Promise<void> {
  const definition = readDefinition(schedule.definition)
  const { maxParallel, work } = definition
  const where = { scheduleId: schedule.id, state: 'QUEUED', reproduces: null }
  const keptOn = work.kind === 'SCRIPT' ? [work.platform] : work.platforms
  if (keptOn !== null)
    await cancelQueued(
      tx,
      { ...where, platform: { notIn: keptOn } },
      'the job is not built there any more',
      at,
    )
  await tx.run.updateMany({
    where,
    data: { kind: work.kind, maxParallel, definition: JSON.stringify(runDefinitionOf(definition)) },
  })
}

/** Takes a job out of the schedule and out of all queues. What runs goes on. Throws ScheduleNotFoundError. */
export async function removeSchedule(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { job }: { job: string },
): Promise<void> {
  await writer.transact(['schedule', 'runs'], async (tx) => {
    const schedule = await findSchedule(tx, job)
    await removeFound(tx, [schedule], { at, actor }, 'the schedule of the job was removed')
  })
}

/** Removes schedules, and cancels what waits of them. */
export async function removeFound(
  tx: Transaction,
  schedules: readonly { id: Schedule['id']; job: string }[],
  { at, actor }: Act,
  why: string,
): Promise<void> {
  for (const { id, job } of schedules) {
    await cancelQueued(tx, { scheduleId: id, state: 'QUEUED' }, why, at)
    await addVersion(tx, { job, at, actor: actor.name, definition: null })
    await tx.schedule.deleteMany({ where: { id } })
    await recordAudit(tx, { at, actor, action: 'schedule.remove', target: job })
  }
}

/**
 * Says when a job runs next, and with `period` also its period from then on. The runs are queued at that time, and now only if it
 * has passed. Throws ScheduleNotFoundError.
 */
export async function reschedule(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { job, nextAt, period }: { job: string; nextAt: Date; period?: Exclude<Period, 'CRON'> | null },
): Promise<void> {
  await writer.transact(['schedule'], async (tx) => {
    const schedule = await findSchedule(tx, job, `couldn't find job ${job}`)
    const before = readDefinition(schedule.definition)
    const definition = period == null ? before : { ...before, period, cron: null }
    const isOther = before.period !== definition.period
    const version = isOther
      ? await addVersion(tx, { job, at, actor: actor.name, definition })
      : schedule.version
    await tx.schedule.updateMany({
      where: { id: schedule.id },
      data: { ...columnsOf(definition), version, nextAt, updatedAt: at },
    })
    const detail = { nextAt: nextAt.toISOString(), ...(isOther ? { period } : {}) }
    await recordAudit(tx, { at, actor, action: 'schedule.update', target: job, detail })
  })
}

/** From now on, nothing is queued by itself. What waits stays. Throws ScheduleNotFoundError. */
export const pauseSchedule = (deps: Pick<Deps, 'writer'>, act: Act, { job }: { job: string }) =>
  setPaused(deps, act, job, true)

/** Goes on with the next time of the schedule; those that have passed are not made up. Throws ScheduleNotFoundError. */
export const resumeSchedule = (deps: Pick<Deps, 'writer'>, act: Act, { job }: { job: string }) =>
  setPaused(deps, act, job, false)

async function setPaused(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  job: string,
  isPaused: boolean,
): Promise<void> {
  await writer.transact(['schedule'], async (tx) => {
    const schedule = await findSchedule(tx, job)
    if (schedule.isPaused === isPaused) return
    const { nextAt } = schedule
    const hasPassed = !isPaused && nextAt !== null && nextAt < at
    const next = hasPassed ? nextTime(readDefinition(schedule.definition), nextAt, at) : nextAt
    await tx.schedule.updateMany({
      where: { id: schedule.id },
      data: { isPaused, nextAt: next, updatedAt: at },
    })
    const action = isPaused ? 'schedule.pause' : 'schedule.resume'
    await recordAudit(tx, { at, actor, action, target: job })
  })
}

async function findSchedule(tx: Transaction, job: string, builderWords?: string): Promise<Schedule> {
  const schedule = await tx.schedule.findUnique({ where: { job } })
  if (!schedule) throw new ScheduleNotFoundError(job, builderWords)
  return schedule
}
