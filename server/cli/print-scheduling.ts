import { counted } from '../counted.ts'
import type { BuildWorker, Schedule } from '../generated/prisma/client.ts'
import { readDefinition } from '../scheduling/definition.ts'
import {
  describePeriod,
  describePlatforms,
  type DescribedDefinition,
} from '../scheduling/describe-definition.ts'
import type { QueueState } from '../scheduling/list-runs.ts'
import { visibleText } from '../visible-text.ts'
import { visibleLine } from './visible-line.ts'

/** What commands print of a schedule. */
export type PrintedSchedule = Pick<
  Schedule,
  'job' | 'version' | 'nextAt' | 'isPaused' | 'createdAt' | 'updatedAt'
> & { definition: DescribedDefinition }

/** Of a row of the database. */
export function toPrintedSchedule(row: Schedule): PrintedSchedule {
  const { job, version, nextAt, isPaused, createdAt, updatedAt } = row
  const definition = readDefinition(row.definition)
  // The time that a paused schedule would have is not its next one.
  return { ...{ job, version, nextAt: isPaused ? null : nextAt, isPaused, createdAt, updatedAt }, definition }
}

/** A schedule as JSON has it. */
export const shownSchedule = ({ definition, ...own }: PrintedSchedule) => ({ ...own, ...definition })

/** `hello: every day, on debian-12; next 2026-…`. */
export function describeSchedule({ job, definition, isPaused, nextAt }: PrintedSchedule): string {
  const next = isPaused ? 'paused' : nextAt === null ? 'next when asked' : `next ${nextAt.toISOString()}`
  return visibleLine(`${job}: ${describePeriod(definition)}, on ${describePlatforms(definition)}; ${next}`)
}

/** A version of a schedule or a template. */
export type PrintedVersion = { version: number; at: Date; actor: string | null; text: string | null }

/** A version as JSON has it. */
export const shownVersion = ({ version, at, actor, text }: PrintedVersion): PrintedVersion => ({
  ...{ version, at, actor, text },
})

export function describeVersion({ actor, at, text, version }: PrintedVersion): string {
  const body = text === null ? 'removed' : visibleText(text).trimEnd()
  const indented = body
    .split('\n')
    .map((one) => (one === '' ? '' : `  ${one}`))
    .join('\n')
  return `${visibleText(`version ${version}, ${at.toISOString()}, by ${actor ?? 'the hub'}`)}\n${indented}\n`
}

export function describeQueue({ platform, isPaused, droppedAt, waiting, running }: QueueState): string {
  const parts = [
    ...(droppedAt ? [`dropped ${droppedAt.toISOString()}`] : []),
    ...(isPaused ? ['paused'] : []),
    `${waiting} waiting`,
    `${running} under way`,
  ]
  return visibleLine(`${platform}: ${parts.join(', ')}`)
}

/** What commands print of a worker. `address` is null for who may not see it. */
export type PrintedWorker = Pick<
  BuildWorker,
  'name' | 'platform' | 'protocol' | 'software' | 'slots' | 'connectedAt' | 'lastSeenAt' | 'disconnectedAt'
> & { address: string | null }

/** A worker as JSON has it. */
export function shownWorker(worker: PrintedWorker): PrintedWorker {
  const { name, platform, address, protocol, software, slots } = worker
  const { connectedAt, lastSeenAt, disconnectedAt } = worker
  return {
    ...{ name, platform, address, protocol, software, slots, connectedAt, lastSeenAt, disconnectedAt },
  }
}

export function describeWorker(worker: PrintedWorker): string {
  const { name, platform, address, software, slots, connectedAt, disconnectedAt } = worker
  const since = disconnectedAt
    ? `not connected since ${disconnectedAt.toISOString()}`
    : `connected since ${connectedAt.toISOString()}`
  const place = address === null ? '' : ` at ${address}`
  return visibleLine(`${name}: ${platform}, ${counted(slots, 'slot')}, ${software}${place}; ${since}`)
}
