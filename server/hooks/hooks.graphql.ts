import { Administration } from '../admin/administration.graphql.ts'
import { byNewestId } from '../list-by-id.ts'
import { resultOf } from '../admin/refusals.graphql.ts'
import { administrator } from '../admin/act.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { Verdict } from '../builds/build.graphql.ts'
import { toVerdict } from '../builds/verdict.ts'
import type { HookRun as Row } from '../generated/prisma/client.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, textPrice, toConnection } from '../graphql/connection.ts'
import { Refusal } from '../graphql/refusal.ts'
import type { HookRunId } from '../ids.ts'
import { UnknownBuildError } from '../retention/pins.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import {
  HookNotFoundError,
  HookRunNotEndedError,
  HookRunNotFoundError,
  retryHookRun,
  testHook,
} from './ask-for-run.ts'
import { toHookEvent, type HookEvent } from './hook-event.ts'
import { endedHookRunStates, type HookRunState } from './hook-run.ts'
import {
  countHookRuns,
  findHookRuns,
  listKnownHooks,
  readHookFolders,
  type KnownHook,
  type UnreadFolder,
} from './list-hook-runs.ts'

const HookEventEnum = builder.enumType('HookEvent', {
  description: 'For what a hook runs: the folder that its file is in.',
  values: {
    UPLOAD: { description: 'A build with a main binary was stored: `upload-hooks`.' },
    FAILURE: { description: 'A failed build was stored: `failure-hooks`.' },
    VERDICT: {
      description: 'A build was found to be reproduced, or not to be reproducible: `verdict-hooks`.',
    },
  } satisfies Record<HookEvent, unknown>,
})

const HookRunStateEnum = builder.enumType('HookRunState', {
  description: 'State of a run of a hook.',
  values: {
    PENDING: { description: 'It waits, for its first attempt or for another one.' },
    RUNNING: { description: 'An attempt has begun.' },
    SUCCEEDED: { description: 'The hook exited 0.' },
    FAILED: { description: 'The hook did not exit 0, and is not tried again by itself.' },
    SKIPPED: { description: 'There was nothing to run any more: the build or the hook was removed.' },
  } satisfies Record<HookRunState, unknown>,
})

const HookRun = builder.objectRef<Row>('HookRun').implement({
  description: 'A run of a hook because of an event.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number, for `retryHookRun`.' }),
    event: t.field({
      type: HookEventEnum,
      description: 'For what it runs.',
      resolve: ({ event }) => toHookEvent(event),
    }),
    eventId: t.exposeString('eventId', {
      description:
        'BUILDER_HUB_EVENT_ID of the hook: the same for each attempt, and for all hooks of one event.',
    }),
    hook: t.exposeString('hook', { description: 'Name of its file.' }),
    buildUuid: t.expose('buildUuid', {
      type: 'UUID',
      description: 'UUID of the build, which may be removed by now.',
    }),
    job: t.exposeString('job', { description: 'Job of the build.' }),
    platform: t.exposeString('platform', { description: 'Platform of the build.' }),
    verdict: t.field({
      type: Verdict,
      nullable: true,
      description: 'Of the event VERDICT: what the verdict became.',
      resolve: ({ verdict }) => (verdict === null ? null : toVerdict(verdict)),
    }),
    previousVerdict: t.field({
      type: Verdict,
      nullable: true,
      description: 'Of the event VERDICT: what it was before; null: the build has just arrived.',
      resolve: ({ previousVerdict }) => (previousVerdict === null ? null : toVerdict(previousVerdict)),
    }),
    isTest: t.exposeBoolean('isTest', { description: 'Whether an administrator asked for it.' }),
    state: t.field({
      type: HookRunStateEnum,
      description: 'How it stands.',
      resolve: ({ state }) => state as HookRunState,
    }),
    attempts: t.exposeInt('attempts', { description: 'Number of attempts that have begun.' }),
    exitStatus: t.exposeInt('exitStatus', {
      nullable: true,
      description: 'Exit status of its last attempt; null if it had none.',
    }),
    signal: t.exposeString('signal', {
      nullable: true,
      description: 'Signal that ended its last attempt, such as `SIGTERM`; null if none did.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why its last attempt did not succeed, for people; null if it did.',
    }),
    printedBytes: t.expose('printedBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'How much its last attempt printed; null if it was not run.',
    }),
    output: t.string({
      nullable: true,
      description:
        'What its last attempt printed: of long output the first and the last 128 KiB. Null if it printed nothing, or is not kept.',
      complexity: textPrice,
      resolve: ({ outputSha256 }, _args, { blobs }) =>
        outputSha256 === null ? null : readText(blobs, toBlobId(outputSha256)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the event happened.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last attempt began; null if none has.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last attempt ended; null if it has not.',
    }),
    canBeRetried: t.boolean({
      description: 'Whether it has ended, so that `retryHookRun` runs it again.',
      resolve: ({ state }) => (endedHookRunStates as readonly string[]).includes(state),
    }),
  }),
})

const Hook = builder.objectRef<KnownHook>('Hook').implement({
  description: 'A program of the operator that runs when builds arrive.',
  fields: (t) => ({
    event: t.field({ type: HookEventEnum, description: 'For what it runs.', resolve: ({ event }) => event }),
    name: t.exposeString('name', { description: 'Name of its file.' }),
    isExecutable: t.exposeBoolean('isExecutable', {
      description: 'Whether it runs: a file that is not executable does not.',
    }),
    lastRun: t.field({
      type: HookRun,
      nullable: true,
      description: 'Its last run; null if it has not run.',
      resolve: ({ lastRun }) => lastRun,
    }),
  }),
})

const UnreadHookFolder = builder.objectRef<UnreadFolder>('UnreadHookFolder').implement({
  description: 'A folder of hooks that cannot be read, so that none of them runs.',
  fields: (t) => ({
    folder: t.exposeString('folder', { description: 'Path of the folder.' }),
    problem: t.exposeString('problem', { description: 'Why it cannot be read.' }),
  }),
})

const HookRunConnection = builder.connectionObject(
  { type: HookRun, name: 'HookRunConnection', description: 'A page of runs of hooks.' },
  { name: 'HookRunEdge', description: 'A run of a hook in a list.' },
)

const HookRunFilterInput = builder.inputType('HookRunFilter', {
  description: 'Filter for runs of hooks. A run must meet all given conditions.',
  fields: (t) => ({
    state: t.field({ type: HookRunStateEnum, description: 'Only runs in this state.' }),
    hook: t.string({ description: 'Only runs of hooks whose file has this name.' }),
    build: t.field({ type: 'UUID', description: 'Only runs for this build.' }),
  }),
})

const order = byNewestId('hookRun')

builder.objectFields(Administration, (t) => ({
  hooks: t.field({
    type: [Hook],
    description: 'The hooks in the folders of the configuration directory, by event and name.',
    complexity: 10,
    resolve: (_admin, _args, { config, db }) => listKnownHooks(db, config.configDir),
  }),
  unreadHookFolders: t.field({
    type: [UnreadHookFolder],
    description: 'Folders of hooks that cannot be read.',
    resolve: async (_admin, _args, { config }) => (await readHookFolders(config.configDir)).unread,
  }),
  hookRun: t.field({
    type: HookRun,
    nullable: true,
    description: 'One run of a hook; null if there is none with this number.',
    args: { id: t.arg.id({ required: true, description: 'Its number.' }) },
    resolve: (_admin, { id }, { db }) => db.hookRun.findUnique({ where: { id: parseId(id) } }),
  }),
  hookRuns: t.connection(
    {
      type: HookRun,
      description: 'Runs of hooks, the newest first.',
      args: { filter: t.arg({ type: HookRunFilterInput, description: 'Which runs to list.' }) },
      complexity: pageCost,
      resolve: async (_admin, args, { db }) => {
        const page = parsePage(args, order)
        const filter = args.filter ?? {}
        return {
          ...toConnection(await findHookRuns(db, filter, page), page, order),
          totalCount: () => countHookRuns(db, filter),
        }
      },
    },
    HookRunConnection,
  ),
}))

for (const [type, name, description] of [
  [HookRunNotFoundError, 'HookRunNotFoundError', 'No run of a hook has this number.'],
  [HookRunNotEndedError, 'HookRunNotEndedError', 'The hook waits, or runs already.'],
  [HookNotFoundError, 'HookNotFoundError', 'No executable hook has this name.'],
] as const)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

builder.mutationFields((t) => ({
  retryHookRun: t.id({
    nullable: true,
    description: 'Run a hook again for the same build and event.',
    args: { id: t.arg.id({ required: true, description: 'Number of the run.' }) },
    errors: {
      types: [NotAuthorizedError, HookRunNotFoundError, HookRunNotEndedError],
      ...resultOf('RetryHookRun', 'The hook waits to run again.', 'id', 'Number of the run.'),
    },
    resolve: async (_root, { id }, context) => {
      const act = await administrator(context)
      await retryHookRun(context.writer, act, parseId(id))
      return id
    },
  }),
  testHook: t.id({
    nullable: true,
    description:
      'Run a hook now, for a build that has arrived already. Its environment has BUILDER_HUB_TEST=1.',
    args: {
      event: t.arg({ type: HookEventEnum, required: true, description: 'The folder that it is in.' }),
      name: t.arg.string({ required: true, description: 'Name of its file.' }),
      build: t.arg({
        type: 'UUID',
        description: 'UUID of the build. Absent: the newest one that the hook can run for.',
      }),
    },
    errors: {
      types: [NotAuthorizedError, HookNotFoundError, UnknownBuildError],
      ...resultOf('TestHook', 'The hook runs soon.', 'id', 'Number of the run.'),
    },
    resolve: async (_root, { build, ...hook }, context) => {
      const act = await administrator(context)
      return String(await testHook(context, act, { ...hook, uuid: build ?? null }))
    },
  }),
}))

function parseId(id: string): HookRunId {
  if (!/^\d{1,9}$/.test(id))
    throw badInput(`not the number of a run of a hook: ${JSON.stringify(id.slice(0, 100))}`)
  return Number(id) as HookRunId
}
