import { randomUUID } from 'node:crypto'
import type { Verdict } from '../builds/verdict.ts'
import type { Transaction } from '../database/writer.ts'
import type { AddedBuild } from '../facts/add-build.ts'
import type { HookRunId } from '../ids.ts'
import { enqueue } from '../runner/enqueue.ts'
import { slicesOf } from '../slices.ts'
import type { HookEvent } from './hook-event.ts'
import { hookTaskKind } from './hook-run.ts'
import type { InstalledHooks } from './installed-hooks.ts'

/** The hooks of each event that an upload may be. */
export type HooksOfUpload = Readonly<Record<HookEvent, readonly string[]>>

type BuildNames = { buildUuid: string; job: string; platform: string }

/** What happened to a build, and which hooks run because of it. */
export type HookedEvent = BuildNames & {
  event: HookEvent
  hooks: readonly string[]
  verdict?: Verdict
  /** null: the build has just arrived. */
  previousVerdict?: Verdict | null
  isTest?: true
}

/** Twelve parameters each, of the 800 that Prisma takes. */
const rowsPerStatement = 60

/** Verdicts that hooks run for: what one build says alone is no news. */
const isNews = (verdict: Verdict) => verdict === 'REPRODUCED' || verdict === 'NOT_REPRODUCIBLE'

/** The installed hooks that may run because of an upload. Call it before the transaction. */
export async function findHooksOfUpload(
  hooks: InstalledHooks,
  { status, mainBinarySha256 }: { status: string; mainBinarySha256: string | null },
): Promise<HooksOfUpload> {
  const hasOutput = mainBinarySha256 !== null
  const [upload, failure, verdict] = await Promise.all([
    hasOutput ? hooks.of('UPLOAD') : [],
    status === 'FAILED' ? hooks.of('FAILURE') : [],
    hasOutput ? hooks.of('VERDICT') : [],
  ])
  return { UPLOAD: upload, FAILURE: failure, VERDICT: verdict }
}

/** Writes the runs that an upload asks for, in its transaction. Without hooks, it writes and reads nothing. */
export async function queueHooksOfUpload(
  tx: Transaction,
  hooks: HooksOfUpload,
  { id, verdict, changes }: AddedBuild,
  build: BuildNames,
  now: Date,
): Promise<void> {
  const events: HookedEvent[] = [
    { ...build, event: 'UPLOAD', hooks: hooks.UPLOAD },
    { ...build, event: 'FAILURE', hooks: hooks.FAILURE },
  ]
  if (hooks.VERDICT.length > 0) {
    if (isNews(verdict))
      events.push({ ...build, event: 'VERDICT', hooks: hooks.VERDICT, verdict, previousVerdict: null })
    for (const { buildId, from, job, platform, to, uuid } of changes)
      if (buildId !== id && isNews(to))
        events.push({
          ...{ buildUuid: uuid, job, platform },
          ...{ event: 'VERDICT', hooks: hooks.VERDICT, verdict: to, previousVerdict: from },
        })
  }
  await queueHookRuns(tx, events, now)
}

/** Writes a run for each hook of these events, and its task. Returns the ids of the runs. */
export async function queueHookRuns(
  tx: Transaction,
  events: readonly HookedEvent[],
  now: Date,
): Promise<HookRunId[]> {
  const rows = events.flatMap(({ hooks, ...event }) => {
    const eventId = randomUUID()
    return hooks.map((hook) => ({ ...event, eventId, hook, state: 'PENDING', createdAt: now }))
  })
  const ids: HookRunId[] = []
  for (const data of slicesOf(rows, rowsPerStatement)) {
    const written = await tx.hookRun.createManyAndReturn({ data, select: { id: true } })
    ids.push(...written.map(({ id }) => id))
  }
  if (ids.length > 0) await enqueue(tx, ids.map(taskOfHookRun), now)
  return ids
}

/** The task that runs it: again, if it has run before. */
export const taskOfHookRun = (id: HookRunId) => ({
  ...{ kind: hookTaskKind, key: String(id) },
  ifKnown: 'runAgain' as const,
})
