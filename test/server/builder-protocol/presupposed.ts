import { vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import type { Deps } from '../../../server/deps.ts'
import {
  type BuilderCommand,
  type BuilderInfo,
  type BuilderJob,
  neverAt,
  type ScheduledJob,
  type ScriptJob,
} from '../../../server/formats/builder-commands.ts'
import { queueRuns } from '../../../server/scheduling/queue-runs.ts'
import { runsOfSchedule } from '../../../server/scheduling/queue-schedules.ts'
import { addSchedule, removeSchedule } from '../../../server/scheduling/schedules.ts'
import { commandIn, type RecordedSession } from './recorded-sessions.ts'
import { greet, type WirePeer } from './wire-peer.ts'

export type ReplaySite = { deps: Deps; address: string }

/** What a session presupposes. `uuids`: those of the recording, and what they are here. */
export type Presupposed = {
  uuids: Map<string, string>
  /** What happens in the meantime, once the session waits. */
  meanwhile: () => Promise<void>
}

/** What the server answered to the command of a session: as commands, without the answer to the hello. */
export function answersIn({ events }: RecordedSession): BuilderCommand[] {
  return events.flatMap((event) => {
    const command = event.kind === 'answered' ? commandIn(event.octets) : null
    return command && command.kind !== 'serverHello' ? [command] : []
  })
}

/** Brings the site into the state in which builder's server gave these answers. */
export async function setUp(site: ReplaySite, session: RecordedSession): Promise<Presupposed> {
  const uuids = new Map<string, string>()
  const answers = answersIn(session)
  const nothing = { uuids, meanwhile: async () => {} }
  for (const event of session.events) {
    const command = event.kind === 'sent' ? commandIn(event.octets) : null
    if (!command) continue
    if (command.kind === 'info') {
      const info = answers.find(({ kind }) => kind === 'infoReply')
      if (info?.kind === 'infoReply') await setUpInfo(site, info.info, uuids)
      return nothing
    }
    if (command.kind === 'observe')
      return { uuids, meanwhile: await setUpObserved(site, command.uuid, answers, uuids) }
    await setUpCommand(site, command, answers)
  }
  for (const answer of answers) if (answer.kind === 'jobSchedule') await addScript(site, answer.job)
  return nothing
}

async function setUpCommand(
  site: ReplaySite,
  command: BuilderCommand,
  answers: BuilderCommand[],
): Promise<void> {
  const [answer] = answers
  const message = answer?.kind === 'failure' ? answer.message : null
  switch (command.kind) {
    case 'schedule':
    case 'scheduleOrbBuild':
      if (message === 'job name already used') await addScript(site, scriptOf(command.job.name))
      if (message?.startsWith('platform dropped') && command.kind === 'schedule')
        await drop(site, command.job.platform)
      return
    case 'unschedule':
    case 'reschedule':
      if (message === null) await addScript(site, scriptOf(command.name))
      return
    case 'execute': {
      const other = /different platform: (.*)$/.exec(message ?? '')?.[1]
      if (message?.includes('no such platform')) await addJob(site, orbBuild(command.name), 'DAILY')
      else if (!message?.includes('job not found'))
        await addScript(site, scriptOf(command.name, other ?? command.platform ?? undefined))
      return
    }
    case 'dropPlatform':
      if (message === null) await addScript(site, scriptOf('any', command.platform))
      return
    case 'undropPlatform':
      if (message === null) await drop(site, command.platform)
      return
    default:
  }
}

async function setUpInfo(site: ReplaySite, info: BuilderInfo, uuids: Map<string, string>): Promise<void> {
  const { deps } = site
  for (const { uuid, job } of info.running) {
    await addScript(site, job)
    uuids.set(uuid, (await takeJob(site, job)).uuid)
    await removeSchedule(deps, byServer(), { job: job.name })
  }
  for (const schedule of info.schedules) await addJob(site, schedule.job, schedule.period)
  const at = new Date()
  await deps.writer.transact(['schedule', 'runs'], async (tx) => {
    await tx.run.deleteMany({ where: { state: 'QUEUED' } })
    await tx.platformQueue.deleteMany()
    for (const { next, job } of info.schedules)
      await tx.schedule.updateMany({ where: { job: job.job.name }, data: { nextAt: inTheFuture(next) } })
    for (const platform of info.droppedPlatforms)
      await tx.platformQueue.create({ data: { platform, createdAt: at, droppedAt: at } })
    for (const { platform, jobs } of info.queues) {
      await tx.platformQueue.create({ data: { platform, createdAt: at } })
      for (const { job } of jobs) {
        const schedule = await tx.schedule.findUniqueOrThrow({ where: { job: job.name } })
        await queueRuns(tx, runsOfSchedule(schedule, [platform], 'SCHEDULE'), at)
      }
    }
  })
}

/** A try whose lines come while it is observed, and which then ends as the observer was told. */
async function setUpObserved(
  site: ReplaySite,
  recorded: string,
  answers: BuilderCommand[],
  uuids: Map<string, string>,
): Promise<() => Promise<void>> {
  const lines = answers.flatMap((answer) => (answer.kind === 'outputTimestamped' ? [answer.text] : []))
  if (lines.length === 0) return async () => {}
  const isOver = answers.at(-1)?.kind === 'success'
  const result = isOver ? Buffer.from(lines.pop() ?? '').toString() : null
  await addScript(site, scriptOf('observed'))
  const { worker, uuid } = await takeJob(site, scriptOf('observed'))
  uuids.set(recorded, uuid)
  return async () => {
    worker.send(...lines.map((text) => ({ kind: 'output', uuid, text }) as const))
    const console = site.deps.consoles.find(uuid)
    await vi.waitUntil(() => console?.lineCount === lines.length, { timeout: 60_000 })
    const code = /^exited (\d+)$/.exec(result ?? '')?.[1]
    if (code !== undefined)
      worker.send({ kind: 'jobFinished', uuid, result: { kind: 'exited', code: BigInt(code) }, files: [] })
    else if (result !== null) await console?.end(result)
  }
}

/** A worker of builder that has the only job that waits on the platform. */
async function takeJob(
  { address }: ReplaySite,
  { platform }: ScriptJob,
): Promise<{ worker: WirePeer; uuid: string }> {
  const worker = await greet(address, 'worker')
  worker.send({ kind: 'jobRequested', platform })
  const given = await worker.read()
  if (given?.kind !== 'jobSchedule') throw new Error(`no job, but ${given?.kind}`)
  return { worker, uuid: given.uuid }
}

const scriptOf = (name: string, platform = 'debian-12'): ScriptJob => ({
  name,
  platform,
  script: Buffer.from('true'),
})
const orbBuild = (name: string): BuilderJob => ({ kind: 'OPAM_PACKAGE', job: { name, opamPackage: 'pkg' } })

const addScript = (site: ReplaySite, job: ScriptJob) => addJob(site, { kind: 'SCRIPT', job }, 'NEVER')

async function addJob(
  { deps }: ReplaySite,
  { kind, job }: BuilderJob,
  period: ScheduledJob['period'],
): Promise<void> {
  const work =
    kind === 'SCRIPT'
      ? { kind, platform: job.platform, script: job.script }
      : { kind, opamPackage: job.opamPackage }
  await addSchedule(deps, byServer(), { job: job.name, period, work })
}

async function drop({ deps }: ReplaySite, platform: string): Promise<void> {
  const at = new Date()
  await deps.writer.transact(['schedule'], (tx) =>
    tx.platformQueue.create({ data: { platform, createdAt: at, droppedAt: at } }),
  )
}

/** A recorded next time, which has passed by now, so that it is not due. */
export function inTheFuture(next: Date): Date {
  const shifted = new Date(next)
  if (next < neverAt) shifted.setUTCFullYear(next.getUTCFullYear() + 50)
  return shifted
}
