import * as z from 'zod'
import { attestTasks } from '../attestations/attest-task.ts'
import type { Deps } from '../deps.ts'
import { dispatchTask } from '../event-log/dispatch-task.ts'
import { recordEvents } from '../event-log/record-events.ts'
import { requestPublishing } from '../repositories/request-publishing.ts'
import { enqueue } from '../runner/enqueue.ts'
import type { TaskHandler } from '../runner/handler.ts'
import type { Transaction } from '../database/writer.ts'
import { judgeOutputs, storeJudgements, type JudgedOutput } from './judge-output.ts'
import { groupBy } from '../group-by.ts'
import type { Policy } from './policy-file.ts'
import { judgeAllKind, judgeKind } from './judge-task.ts'
import type { GradedOutput } from './grade.ts'
import { sitePolicy } from './site-policy.ts'

type HandlerDeps = Pick<Deps, 'clock' | 'config' | 'db'>

/** Outputs that are read at once, and how often in a run; and so many are judged at least before it ends. */
const outputsPerSlice = 500
const slicesPerRun = 20
const judgedPerRun = 100
const hourMs = 3_600_000
const Progress = z.object({ afterSha256: z.string(), policySha256: z.string().nullable() })

/** Judges one output, and those that its inputs gave besides: something about them has changed. */
export function judgeHandler({ clock, config, db }: HandlerDeps): TaskHandler<JudgedOutput[]> {
  return {
    ...{ kind: judgeKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 12, retryPauseMs: 2_000 },
    run: ({ key }) => judgeOutputs(db, sitePolicy(config), key, clock.now(), { withRivals: true }),
    changes: (judged) => (judged ? ['facts', 'tasks'] : []),
    complete: (tx, _task, judged) => keep(tx, { clock, config }, judged, true),
  }
}

type Slice = { judged: JudgedOutput[]; afterSha256: string | null; policySha256: string | null }

/** Judges all outputs that were judged by another policy, or whose votes have got too old: some at a time. */
export function judgeAllHandler({ clock, config, db }: HandlerDeps): TaskHandler<Slice> {
  return {
    ...{ kind: judgeAllKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 12, retryPauseMs: 2_000, standing: { isAtStart: true, everyMs: hourMs } },

    async run({ progress }) {
      const [policy, now] = [sitePolicy(config), clock.now()]
      const before = progress === null ? null : Progress.parse(JSON.parse(progress))
      const policySha256 = policy?.sha256 ?? null
      // With another policy, it begins again.
      const after = before?.policySha256 === policySha256 ? before.afterSha256 : null
      const judged: JudgedOutput[] = []
      let last = after
      for (let slice = 0; slice < slicesPerRun && judged.length < judgedPerRun; slice++) {
        const outputs = await db.output.findMany({
          where: { sha256: last === null ? {} : { gt: last } },
          orderBy: { sha256: 'asc' },
          take: outputsPerSlice,
          select: {
            ...{ sha256: true, buildCount: true, hasOtherOutput: true },
            ...{ confirmedBy: true, disputedBy: true },
          },
        })
        for (const sha256 of await findDue(db, policy, outputs, now))
          judged.push(...(await judgeOutputs(db, policy, sha256, now)))
        last = outputs.at(-1)?.sha256 ?? null
        if (outputs.length < outputsPerSlice) return { judged, policySha256, afterSha256: null }
      }
      return { judged, policySha256, afterSha256: last }
    },
    record: ({ afterSha256, policySha256 }) =>
      afterSha256 === null
        ? {}
        : { progress: JSON.stringify({ afterSha256, policySha256 }), isPartial: true },
    changes: (slice) => (slice && slice.judged.length > 0 ? ['facts', 'tasks'] : []),
    complete: (tx, _task, { judged }) => keep(tx, { clock, config }, judged, false),
  }
}

type OutputRow = GradedOutput & { sha256: string; hasOtherOutput: boolean }

/**
 * The outputs that were judged by another policy, or never, or whose votes have got too old; those that users may have confirmed meanwhile; and
 * those of which nobody has noted who disputes them.
 */
async function findDue(
  db: Deps['db'],
  policy: Policy | null,
  outputs: readonly OutputRow[],
  now: Date,
): Promise<string[]> {
  const ids = outputs.map(({ sha256 }) => sha256)
  const verdicts = await db.policyVerdict.findMany({
    where: { sha256: { in: ids } },
    select: { sha256: true, policySha256: true, expiresAt: true },
  })
  const isOpen = (one: OutputRow) => one.buildCount > 1 && !one.hasOtherOutput && one.confirmedBy === null
  const unnamed = new Set(
    outputs.filter((one) => one.hasOtherOutput && one.disputedBy === null).map(({ sha256 }) => sha256),
  )
  const open = outputs.filter(isOpen).map(({ sha256 }) => sha256)
  const pairs =
    open.length === 0
      ? []
      : await db.build.groupBy({
          by: ['mainBinarySha256', 'uploaderId'],
          where: { mainBinarySha256: { in: open } },
        })
  const uploaders = groupBy(pairs, ({ mainBinarySha256 }) => mainBinarySha256)
  return ids.filter((sha256) => {
    const own = verdicts.filter((one) => one.sha256 === sha256)
    if (unnamed.has(sha256)) return true
    if ((uploaders.get(sha256)?.length ?? 0) > 1) return true
    if (policy === null) return own.length > 0
    const isOld = (one: (typeof own)[number]) =>
      one.policySha256 !== policy.sha256 || (one.expiresAt !== null && one.expiresAt <= now)
    return own.length === 0 || own.some(isOld)
  })
}

/** Stores what was judged, and lets follow what depends on it: events, packages that are published, and summaries of outputs that are trusted now. */
async function keep(
  tx: Transaction,
  { clock, config }: Pick<HandlerDeps, 'clock' | 'config'>,
  judged: readonly JudgedOutput[],
  announcesFirst: boolean,
): Promise<void> {
  const now = clock.now()
  const { events, trusted, hasChanged } = await storeJudgements(tx, judged, now, { announcesFirst })
  if (!hasChanged) return
  await recordEvents(tx, events, now)
  if (events.length > 0) await enqueue(tx, [dispatchTask], now)
  if (config.repositoriesFile !== '') await requestPublishing(tx, now)
  if (trusted.length === 0) return
  const builds = await tx.build.findMany({
    where: { mainBinarySha256: { in: [...new Set(trusted)] } },
    orderBy: { id: 'desc' },
    distinct: ['mainBinarySha256'],
    select: { uuid: true, mainBinarySha256: true },
  })
  const tasks = builds.flatMap((build) => attestTasks(config, build))
  await enqueue(
    tx,
    tasks.map((task) => ({ ...task, ifKnown: 'runAgain' as const })),
    now,
  )
}
