import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Act } from '../../../server/audit/actor.ts'
import { serverActor } from '../../../server/audit/actor.ts'
import type { Deps } from '../../../server/deps.ts'
import { addSchedule } from '../../../server/scheduling/schedules.ts'
import type { ScheduleInput } from '../../../server/scheduling/schedule-input.ts'

/** Somebody with a name, at a time. */
export const actAt = (at = new Date('2026-11-30T10:00:00Z')): Act => ({
  actor: { ...serverActor, name: 'operator', via: 'session' },
  at,
})

export const script = (text = 'echo hello') => Buffer.from(`#!/bin/sh\n${text}\n`)

/** A schedule of a script that never runs by itself. */
export const scriptJob = (job: string, platform: string, text?: string): ScheduleInput => ({
  ...{ job, period: 'NEVER', work: { kind: 'SCRIPT', platform, script: script(text) } },
})

/** A schedule of an opam package. */
export const opamJob = (job: string, opamPackage = job): ScheduleInput => ({
  ...{ job, period: 'DAILY', work: { kind: 'OPAM_PACKAGE', opamPackage } },
})

export const add = (deps: Deps, input: ScheduleInput, act = actAt()) => addSchedule(deps, act, input)

/** Removes all schedules, queues and runs, as for a new site. */
export const emptySchedule = ({ writer }: Pick<Deps, 'writer'>) =>
  writer.transact(['schedule', 'runs'], async (tx) => {
    await tx.run.deleteMany()
    await tx.schedule.deleteMany()
    await tx.scheduleVersion.deleteMany()
    await tx.platformQueue.deleteMany()
    await tx.template.deleteMany()
  })

/** A template in the configuration folder. */
export function writeTemplate(deps: Deps, platform: string, content = 'orb %%OPAM_PACKAGE%% %%PLATFORM%%\n') {
  mkdirSync(deps.config.configDir, { recursive: true })
  writeFileSync(join(deps.config.configDir, `orb-build.template.${platform}`), content)
}

/** The runs that wait for a platform, in the order of its queue: names of jobs. */
export async function queueOf({ db }: Pick<Deps, 'db'>, platform: string): Promise<string[]> {
  const rows = await db.run.findMany({
    where: { state: 'QUEUED', platform },
    orderBy: [{ priority: 'asc' }, { position: 'asc' }, { id: 'asc' }],
    select: { job: true },
  })
  return rows.map(({ job }) => job)
}
