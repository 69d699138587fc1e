import type { HookRun } from '../generated/prisma/client.ts'
import { hookFolders, type HookEvent } from '../hooks/hook-event.ts'
import { visibleName, visibleText } from '../visible-text.ts'

/** What commands print of a run of a hook. */
export type PrintedHookRun = Pick<
  HookRun,
  | ('event' | 'eventId' | 'hook' | 'buildUuid' | 'job' | 'platform' | 'verdict' | 'previousVerdict')
  | ('isTest' | 'state' | 'attempts' | 'exitStatus' | 'signal' | 'error')
  | ('createdAt' | 'startedAt' | 'finishedAt')
> & { id: number; printedBytes: bigint | number | null }

/** What commands print of a hook. */
export type PrintedHook = {
  event: HookEvent
  name: string
  isExecutable: boolean
  lastRun: PrintedHookRun | null
}

/** A run as JSON has it. */
export function shownHookRun(run: PrintedHookRun): PrintedHookRun {
  const { id, event, eventId, hook, buildUuid, job, platform, verdict, previousVerdict, isTest } = run
  const { state, attempts, exitStatus, signal, error, printedBytes, createdAt, startedAt, finishedAt } = run
  return {
    ...{ id, event, eventId, hook, buildUuid, job, platform, verdict, previousVerdict, isTest },
    ...{ state, attempts, exitStatus, signal, error, printedBytes, createdAt, startedAt, finishedAt },
  }
}

/** A hook as JSON has it. */
export const shownHook = ({ event, name, isExecutable, lastRun }: PrintedHook): PrintedHook => ({
  ...{ event, name, isExecutable, lastRun: lastRun && shownHookRun(lastRun) },
})

/** `upload-hooks/aptly.sh: last run 12 succeeded 2026-…`. */
export function describeHook({ event, isExecutable, lastRun, name }: PrintedHook): string {
  const last = lastRun ? `last run ${lastRun.id} ${stateOf(lastRun)}` : 'has not run'
  const fault = isExecutable ? '' : ' is not executable, so it does not run;'
  return `${hookFolders[event]}/${visibleName(name)}:${fault} ${last}`
}

/** `12 upload-hooks/aptly.sh for hello b000…: succeeded 2026-… in 0.3 s`. */
export function describeHookRun(run: PrintedHookRun): string {
  const folder = hookFolders[run.event as keyof typeof hookFolders]
  const error = run.error === null ? '' : `: ${run.error}`
  const attempts = run.attempts > 1 ? `, in attempt ${run.attempts}` : ''
  const names = `${folder}/${visibleName(run.hook)} for ${visibleName(run.job)} ${run.buildUuid}`
  return `${run.id} ${names}: ${run.isTest ? 'test, ' : ''}${stateOf(run)}${attempts}${visibleText(error)}`
}

function stateOf({ finishedAt, startedAt, state }: PrintedHookRun): string {
  const word = state.toLowerCase()
  if (!finishedAt || !startedAt) return word
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1_000
  return `${word} ${finishedAt.toISOString()} after ${seconds.toFixed(1)} s`
}
