import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { Build } from '../builds/build.graphql.ts'
import { loadBuild } from '../builds/load-builds.graphql.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import type { BuildId, RunId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { runPath } from '../paths.ts'
import { readRunDefinition, type RunDefinition } from './definition.ts'
import { markVolatile } from '../volatile.ts'
import { findRunId } from './find-run.ts'
import { seesScripts } from './scheduling-act.ts'
import { findMedianDurations, type JobOnPlatform } from './median-duration.ts'
import type { RunCause as Cause, RunState as State, TryEnding as Ending, TryState } from './run-state.ts'
import { findWaiting, type Waiting } from './waiting.ts'

type Kind = RunDefinition['work']['kind']

export const RunState = builder.enumType('RunState', {
  description: 'How far a run is.',
  values: {
    QUEUED: {
      description: 'It waits for a worker: for the first time, or after a try that came to no result.',
    },
    ASSIGNED: { description: 'A worker has it, and has not shown life yet.' },
    RUNNING: { description: 'A worker executes it.' },
    UPLOADED: { description: 'The worker is done; its build is being stored.' },
    DONE: { description: 'Its build is stored, and exited 0.' },
    FAILED: { description: 'Its build has another result, or could not be stored: `error` says why.' },
    CANCELLED: { description: 'Somebody has ended it.' },
    LOST: { description: 'No try came to a result, and it is not tried again.' },
  } satisfies Record<State, object>,
})

export const RunCause = builder.enumType('RunCause', {
  description: 'Why a run was queued.',
  values: {
    SCHEDULE: { description: 'It was due by its schedule.' },
    REQUEST: { description: 'Somebody has asked for it.' },
    NEW_PLATFORM: { description: 'The platform has got its first worker.' },
    REPRODUCTION: { description: 'It is to repeat the output of a build.' },
    RETRY: { description: 'Somebody has asked again for a run that had ended.' },
  } satisfies Record<Cause, object>,
})

const RunKind = builder.enumType('RunKind', {
  description: 'What a run builds.',
  values: {
    SCRIPT: { description: 'A script.' },
    OPAM_PACKAGE: { description: 'An opam package, by the template of its platform.' },
    REBUILD: { description: 'A build that is repeated from the inputs that it recorded.' },
  } satisfies Record<Kind, object>,
})

const RunTryState = builder.enumType('RunTryState', {
  description: 'How far a try is.',
  values: {
    ASSIGNED: { description: 'A worker has it, and has not shown life yet.' },
    RUNNING: { description: 'A worker executes it.' },
    ENDED: { description: 'It is over: see `ending`.' },
  } satisfies Record<TryState, object>,
})

const RunTryEnding = builder.enumType('RunTryEnding', {
  description: 'How a try ended.',
  values: {
    STORED: { description: 'Its build is stored.' },
    PUT_BACK: { description: 'Its run waits again: `error` says why.' },
    TIMED_OUT: { description: 'Its time was over: what it had printed is stored as a build.' },
    CANCELLED: { description: 'Somebody has ended it.' },
    LOST: { description: 'Its worker is gone, and the run is not tried again.' },
  } satisfies Record<Ending, object>,
})

const WaitReason = builder.enumType('WaitReason', {
  description: 'Why a queued run is not given to a worker now: the first reason that applies.',
  values: {
    QUEUE_PAUSED: { description: 'The queue of its platform is paused.' },
    NO_TEMPLATE: { description: 'There is no template for opam packages on its platform.' },
    NOT_BEFORE: { description: 'It is not to start before `notBefore`.' },
    JOB_RUNS: { description: 'The job is running on the platform, as often at once as it may.' },
    NO_WORKER: { description: 'No worker of its platform is connected.' },
    WORKERS_BUSY: { description: 'All workers of its platform are busy.' },
    NEXT: { description: 'A worker is about to take it, or those before it.' },
  } satisfies Record<Waiting['reason'], object>,
})

const RunWaiting = builder.objectRef<Waiting>('RunWaiting').implement({
  description: 'A place in the queue of a platform.',
  fields: (t) => ({
    ahead: t.exposeInt('ahead', {
      description:
        'How many runs of the platform stand before it, by priority and time. Fair shares between jobs may change the order.',
    }),
    reason: t.expose('reason', { type: WaitReason, description: 'Why it waits.' }),
  }),
})

export const RunTry = builder.prismaObject('RunTry', {
  description: 'What one worker made of a run.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'From 1, within its run.' }),
    uuid: t.expose('uuid', {
      type: 'UUID',
      description: 'That of the build that it makes. The first try has the UUID of the run.',
    }),
    state: t.field({
      type: RunTryState,
      description: 'How far it is.',
      select: { state: true },
      resolve: ({ state }) => state as TryState,
    }),
    ending: t.field({
      type: RunTryEnding,
      nullable: true,
      description: 'How it ended; null before.',
      select: { ending: true },
      resolve: ({ ending }) => ending as Ending | null,
    }),
    workerName: t.exposeString('workerName', { description: 'The worker that has it, or had it.' }),
    address: t.string({
      nullable: true,
      description: 'Address of that worker. Null for viewers without the right `schedule` or `admin:read`.',
      select: { address: true },
      resolve: async ({ address }, _args, context) => ((await seesScripts(context)) ? address : null),
    }),
    assignedAt: t.expose('assignedAt', { type: 'DateTime', description: 'When the worker got it.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'First sign of life; null before.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'Null before its end.' }),
    deadlineAt: t.expose('deadlineAt', { type: 'DateTime', description: 'When the hub ends it.' }),
    leaseUntil: t.expose('leaseUntil', {
      type: 'DateTime',
      nullable: true,
      description:
        'The connection to its worker is broken: the worker may come back until then. Null while it is connected.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it ended as it did, in words.' }),
  }),
})

const waitingOf = perOperation(
  (context: Context) =>
    new DataLoader<RunId, Waiting | null>(async (ids) => {
      const found = await findWaiting(context, ids)
      return ids.map((id) => found.get(id) ?? null)
    }),
)

const mediansOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<JobOnPlatform, number | null, string>((pairs) => findMedianDurations(db, pairs), {
      cacheKeyFn: ({ job, platform }) => JSON.stringify([job, platform]),
      maxBatchSize: 100,
    }),
)

const buildIdsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, BuildId | null>(async (uuids) => {
      const builds = await db.build.findMany({
        where: { uuid: { in: [...uuids] } },
        select: { id: true, uuid: true },
      })
      const byUuid = new Map(builds.map(({ id, uuid }) => [uuid, id]))
      return uuids.map((uuid) => byUuid.get(uuid) ?? null)
    }),
)

const inOrder = { orderBy: { number: 'asc' } } as const

export const Run = builder.prismaObject('Run', {
  description:
    'One wish to build a job on a platform. It may take several tries; each is given to one worker.',
  select: { id: true, uuid: true, job: true, platform: true },
  fields: (t) => ({
    uuid: t.expose('uuid', { type: 'UUID', description: 'Its UUID: that of its first try, too.' }),
    jobName: t.exposeString('job', {
      description: 'Name of the job. It may have no build yet.',
    }),
    platformName: t.exposeString('platform', { description: 'Name of the platform.' }),
    state: t.field({
      type: RunState,
      description: 'How far it is.',
      select: { state: true },
      resolve: ({ state }) => state as State,
    }),
    cause: t.field({
      type: RunCause,
      description: 'Why it was queued.',
      select: { cause: true },
      resolve: ({ cause }) => cause as Cause,
    }),
    kind: t.field({
      type: RunKind,
      description: 'What it builds.',
      select: { kind: true },
      resolve: ({ kind }) => kind as Kind,
    }),
    tryCount: t.exposeInt('tryCount', { description: 'How many tries it has had.' }),
    requestedBy: t.exposeString('requestedBy', {
      nullable: true,
      description: 'Name of the user who asked for it; null: nobody in particular.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why that user asked for it.' }),
    priority: t.exposeInt('priority', { description: 'Lower numbers run first.' }),
    queuedAt: t.expose('queuedAt', {
      type: 'DateTime',
      description: 'When it was queued for the first time.',
    }),
    notBefore: t.expose('notBefore', {
      type: 'DateTime',
      nullable: true,
      description: 'No worker gets it before; null: at once.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last try began; null before.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'Null before its end.' }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why it waits again, or why it ended without a build.',
    }),
    timeoutSeconds: t.int({
      description: 'How long each try may take.',
      select: { definition: true },
      resolve: ({ definition }) => readRunDefinition(definition).timeoutSeconds,
    }),
    tries: t.relation('tries', { query: inOrder, description: 'Its tries, the first one first.' }),
    waiting: t.field({
      type: RunWaiting,
      nullable: true,
      description: 'Its place in the queue, and why it waits; null unless it is queued.',
      complexity: batchPrice,
      resolve: ({ id }, _args, context) => waitingOf(context).load(id),
    }),
    medianDurationMs: t.float({
      nullable: true,
      description:
        'How long the newest 25 successful builds of the job on the platform took: their median, in milliseconds. Null if there are none.',
      complexity: batchPrice,
      resolve: ({ job, platform }, _args, context) => mediansOf(context).load({ job, platform }),
    }),
    build: t.field({
      type: Build,
      nullable: true,
      description: 'The build that came of it: that of its last try that was stored.',
      complexity: batchPrice,
      select: { tries: { ...inOrder, select: { uuid: true, ending: true, number: true } } },
      resolve: async ({ tries }, _args, context, info) => {
        const stored = tries.findLast(({ ending }) => ending === 'STORED' || ending === 'TIMED_OUT')
        const id = stored ? await buildIdsOf(context).load(stored.uuid) : null
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        return id === null ? null : loadBuild(context, selection, id)
      },
    }),
    url: t.field({
      type: 'URL',
      description: 'Its page.',
      resolve: ({ uuid }, _args, { siteUrl }) => siteUrl + runPath(uuid),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      resolve: ({ uuid }) => runPath(uuid),
    }),
  }),
})

builder.queryFields((t) => ({
  run: t.prismaField({
    type: Run,
    nullable: true,
    description: 'The run with this UUID, or with a try that has it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "The run's UUID, or that of a try." }) },
    resolve: async (query, _root, { uuid }, context) => {
      const { db } = context
      const id = await findRunId(db, uuid)
      // A run that is not there may be so soon.
      markVolatile(context)
      return id === null ? null : db.run.findUnique({ ...query, where: { id } })
    },
  }),
}))
