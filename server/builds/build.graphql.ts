import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Build as BuildRow } from '../generated/prisma/client.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import {
  checkLookUps,
  lookUpCost,
  maxPageSize,
  pageCost,
  parsePage,
  textPrice,
  toConnection,
  type ListOrder,
} from '../graphql/connection.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import { perOperation } from '../per-operation.ts'
import { inSlices, rowsPerTurn } from '../slices.ts'
import { loadPlatform, Platform } from '../platforms/platform.graphql.ts'
import { buildPath, consolePath, scriptPath } from '../paths.ts'
import { maxScriptBytes, readScript } from './read-script.ts'
import { BuildResult } from './build-result.graphql.ts'
import { buildResultOf } from './build-result.ts'
import {
  byOrder,
  countBuilds,
  findBuildIds,
  findBuildIdsOf,
  type BuildFilter,
  type BuildOrder,
} from './list-builds.ts'
import { formatStartCursor, parseStartCursor, type StartCursor } from '../start-cursor.ts'

export const BuildStatus = builder.enumType('BuildStatus', {
  description: 'Whether a build did what it was asked to.',
  values: {
    SUCCEEDED: { description: 'The script exited 0.' },
    FAILED: { description: 'It exited otherwise, was ended by a signal, or was aborted.' },
  },
})

export const Verdict = builder.enumType('Verdict', {
  description: 'Verdict on a build, from all builds with the same main binary or the same input.',
  values: {
    REPRODUCED: {
      description:
        'Other builds produced the same main binary, and no build with the same input produced a different one.',
    },
    NOT_REPRODUCIBLE: { description: 'Other builds with the same input produced a different main binary.' },
    UNCONFIRMED: { description: 'No other build has repeated this build yet.' },
    NO_OUTPUT: { description: 'The build has no main binary to compare.' },
  },
})

const jobName = { job: { select: { name: true } } } as const

/**
 * The columns that are always read: those that lists show, and those that order lists. Other columns are read
 * only if they are selected, because there are many, and most rows that pages read are rows of lists.
 *
 * Fields of these columns use plain resolvers. `t.expose` would select the columns again, and make Pothos check for
 * each field of each row whether they were selected.
 */
const rowColumns = {
  id: true,
  uuid: true,
  jobId: true,
  platformId: true,
  startedAt: true,
  finishedAt: true,
  status: true,
  verdict: true,
  resultKind: true,
  resultCode: true,
  resultMessage: true,
  inputId: true,
  mainBinaryId: true,
  mainBinaryPath: true,
  mainBinarySha256: true,
  mainBinarySizeBytes: true,
  scriptSha256: true,
} as const

/** Scripts by their hashes: an operation reads each once. */
const scriptsOf = perOperation(
  ({ blobs }: Context) =>
    new DataLoader<string, string>((hashes) =>
      Promise.all(
        hashes.map((sha256) => readScript({ blobs }, sha256).catch((error: unknown) => error as Error)),
      ),
    ),
)

export const Build = builder.prismaNode('Build', {
  description:
    'One run of a job on one platform. A stored build never changes, but its `reproducibility` changes when other builds arrive.',
  id: { resolve: ({ uuid }) => uuid, description: 'Global id, for `node`.' },
  findUnique: (uuid) => ({ uuid }),
  nullable: true,
  select: rowColumns,
  fields: (t) => ({
    uuid: t.field({
      type: 'UUID',
      description: 'UUID that the server that scheduled the build gave it.',
      resolve: ({ uuid }) => uuid,
    }),
    job: t.relation('job', { description: 'Job that the build is a run of.' }),
    platform: t.field({
      type: Platform,
      description: 'Platform that the build ran on.',
      resolve: ({ platformId }, _args, context) => loadPlatform(context, platformId),
    }),
    status: t.field({
      type: BuildStatus,
      description: 'Whether it succeeded. A build can succeed without a main binary, and fail with one.',
      resolve: ({ status }) => (status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'),
    }),
    result: t.field({ type: BuildResult, description: 'How the script ended.', resolve: buildResultOf }),
    startedAt: t.field({
      type: 'DateTime',
      description:
        "Time at which the build started, by builder-server's clock. If that clock was ahead (`clockAheadMs`), the time is corrected, so that no build starts after it was received.",
      resolve: ({ startedAt }) => startedAt,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      description:
        'Time at which the script ended, by the clock of the builder; corrected where `startedAt` is.',
      resolve: ({ finishedAt }) => finishedAt,
    }),
    durationMs: t.float({
      description:
        'Time from `startedAt` to `finishedAt`, in milliseconds. Negative if the clock was set back during the build.',
      resolve: ({ startedAt, finishedAt }) => finishedAt.getTime() - startedAt.getTime(),
    }),
    clockAheadMs: t.float({
      nullable: true,
      description:
        "By how many milliseconds builder-server's clock was ahead, at least: the start in the record minus `startedAt`. Null if the start in the record is not after `receivedAt`. The end in the record is later than `finishedAt` by the same number, except where that would be before the year 0: then `finishedAt` is the start of the year 0.",
      select: { recordStartedAt: true },
      resolve: ({ startedAt, recordStartedAt }) =>
        recordStartedAt && recordStartedAt.getTime() - startedAt.getTime(),
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When the hub stored it.' }),
    uploadedBy: t.string({
      nullable: true,
      description: 'Name of the user who uploaded the build. Null if that user has been removed.',
      select: { uploader: { select: { name: true } } },
      resolve: ({ uploader }) => uploader?.name ?? null,
    }),
    inputId: t.field({
      type: 'Sha256',
      nullable: true,
      resolve: ({ inputId }) => inputId,
      description:
        'Builds with the same input id had the same opam switch, environment and system packages: their outputs ' +
        'should be equal. SHA-256 over the SHA-256 digests (32 bytes each) of the artifacts `opam-switch`, ' +
        '`build-environment` and `system-packages`; null when one of them is missing.',
    }),
    consoleUrl: t.field({
      type: 'URL',
      description: 'The whole console as text, oldest line first, each line as `SECONDS.MILLISECONDSs:TEXT`.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + consolePath(job.name, uuid),
    }),
    consoleResourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `consoleUrl` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => consolePath(job.name, uuid),
    }),
    consoleSizeBytes: t.expose('consoleSizeBytes', {
      type: 'ByteSize',
      description: 'Size of the text at `consoleUrl`.',
    }),
    script: t.string({
      nullable: true,
      description: `The script that was run: its first ${maxScriptBytes / 1024} KiB. \`scriptUrl\` has all of it. Bytes that are not UTF-8 are shown as U+FFFD. Null, with an error, if the server has lost it.`,
      complexity: textPrice,
      select: { scriptSha256: true },
      resolve: ({ scriptSha256 }, _args, context) => scriptsOf(context).load(scriptSha256),
    }),
    scriptSizeBytes: t.expose('scriptSizeBytes', {
      type: 'ByteSize',
      description: 'Size of the whole script, at `scriptUrl`.',
    }),
    scriptUrl: t.field({
      type: 'URL',
      description: 'The script as a file.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + scriptPath(job.name, uuid),
    }),
    scriptResourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `scriptUrl` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => scriptPath(job.name, uuid),
    }),
    url: t.field({
      type: 'URL',
      description: 'The page of this build.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + buildPath(job.name, uuid),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => buildPath(job.name, uuid),
    }),
  }),
})

export const BuildConnection = builder.connectionObject(
  { type: Build, name: 'BuildConnection', description: 'A page of builds.' },
  { name: 'BuildEdge', description: 'A build in a list.' },
)

/** Order of lists: by the start of the build, newest first. */
export const buildOrder: ListOrder<StartCursor, StartCursor> = {
  name: 'build',
  keyOf: formatStartCursor,
  parseKey: parseStartCursor,
}

/** Last received first. */
export const receivedOrder: ListOrder<StartCursor, StartCursor> = {
  name: 'received',
  keyOf: ({ id }) => String(id),
  parseKey: (text) => (/^\d{1,15}$/.test(text) ? { startedAt: new Date(0), id: Number(text) } : null),
}

export const listOrders = { STARTED: buildOrder, RECEIVED: receivedOrder } as const

export const BuildOrderEnum = builder.enumType('BuildOrder', {
  description: 'Order of a list of builds. A cursor belongs to the order that it was made with.',
  values: {
    STARTED: { description: 'Newest first by their start, as their records say.' },
    RECEIVED: {
      description:
        'Last stored first. Builds that are stored later come before all others, so `before` with the newest known cursor finds exactly what has arrived since, also builds that started long ago.',
    },
  },
})

const order = { type: BuildOrderEnum, defaultValue: 'STARTED', description: 'Order of the list.' } as const

/** Conditions that every list of builds can have. */
const conditions = {
  job: { description: 'Only builds of the job with this name.' },
  platform: { description: 'Only builds on the platform with this name.' },
  status: { type: BuildStatus, description: 'Only builds that succeeded, or failed.' },
  verdict: { type: Verdict, description: 'Only builds with this verdict.' },
  since: { type: 'DateTime', description: 'Only builds that started at this time or later.' },
  until: { type: 'DateTime', description: 'Only builds that started before this time.' },
  receivedSince: { type: 'DateTime', description: 'Only builds that were received at this time or later.' },
} as const

/** Arguments of the list of builds of one job, of one platform, and of reproductions. */
export const buildArguments = {
  Job: builder.args((arg) => ({ platform: arg.string(conditions.platform), ...listArguments(arg) })),
  Platform: builder.args((arg) => ({ job: arg.string(conditions.job), ...listArguments(arg) })),
  Reproducibility: builder.args((arg) => ({
    job: arg.string(conditions.job),
    platform: arg.string(conditions.platform),
    ...listArguments(arg),
  })),
}

function listArguments(arg: Parameters<Parameters<typeof builder.args>[0]>[0]) {
  return {
    status: arg.field(conditions.status),
    verdict: arg.field(conditions.verdict),
    since: arg.field(conditions.since),
    until: arg.field(conditions.until),
    receivedSince: arg.field(conditions.receivedSince),
    order: arg.field(order),
  }
}

/**
 * The selection of the nodes of a connection, through `edges` or `nodes`. It is the same for all parents, but
 * computed for each, because Pothos also records by path which data is loaded.
 */
export function selectBuildNodes(context: Context, info: GraphQLResolveInfo) {
  return queryFromInfo({ context, info, typeName: 'Build', paths: [['edges', 'node'], ['nodes']] })
}

export type BuildSelection = ReturnType<typeof selectBuildNodes>

/** Reads builds in slices, so that other requests run between them. In no particular order. */
export async function findBuilds(context: Context, selection: BuildSelection, ids: readonly BuildId[]) {
  return inSlices(
    ids,
    rowsPerTurn,
    (slice) => context.db.build.findMany({ ...selection, where: { id: { in: slice } } }),
    () => passTurn(context),
  )
}

type BuildLoader = DataLoader<BuildId, BuildRow>
const buildLoaders = perOperation((_context: Context) => new Map<string, BuildLoader>())

/**
 * Builds by the ids of their rows, with the selection of the field (`queryFromInfo`), in the given order. Fields of
 * an operation with the same selection read their builds together, and each build once.
 */
export async function loadBuilds(
  context: Context,
  selection: BuildSelection,
  ids: readonly BuildId[],
): Promise<BuildRow[]> {
  const loaders = buildLoaders(context)
  const key = JSON.stringify(selection)
  const loader: BuildLoader =
    loaders.get(key) ??
    new DataLoader(async (wanted) => {
      const found = await findBuilds(context, selection, wanted)
      const byId = new Map(found.map((build) => [build.id, build]))
      return wanted.map((one) => byId.get(one) ?? new Error(`build ${one} is missing`))
    })
  loaders.set(key, loader)
  return Promise.all(ids.map((id) => loader.load(id)))
}

/** A build by the id of its row, read together with others. */
export async function loadBuild(context: Context, selection: BuildSelection, id: BuildId): Promise<BuildRow> {
  const [build] = await loadBuilds(context, selection, [id])
  if (!build) throw new Error(`build ${id} is missing`)
  return build
}

/** The builds of each job or platform as connections; for `batchByField`. */
export async function loadBuildConnections<Parent extends JobId | PlatformId>(
  context: Context,
  selection: BuildSelection,
  parent: 'Job' | 'Platform',
  parentIds: readonly Parent[],
  filter: BuildFilter,
  page: Page<StartCursor>,
  order: BuildOrder,
) {
  const ids = await findBuildIdsOf(context.db, parent, parentIds, filter, page, order)
  const builds = await findBuilds(context, selection, [...ids.values()].flat())
  const byId = new Map(builds.map((build) => [build.id, build]))
  return new Map(
    [...ids].map(([parentId, own]) => {
      const found = own.flatMap((id) => byId.get(id) ?? [])
      return [parentId, toConnection(found.toSorted(byOrder(order)), page, listOrders[order])]
    }),
  )
}

export const BuildFilterInput = builder.inputType('BuildFilter', {
  description: 'Filter for builds. A build must meet all given conditions.',
  fields: (t) => ({
    job: t.string(conditions.job),
    platform: t.string(conditions.platform),
    status: t.field(conditions.status),
    verdict: t.field(conditions.verdict),
    since: t.field(conditions.since),
    until: t.field(conditions.until),
    receivedSince: t.field(conditions.receivedSince),
  }),
})

builder.queryFields((t) => ({
  build: t.prismaField({
    type: Build,
    nullable: true,
    description: 'The build with this UUID.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "The build's UUID." }) },
    resolve: (query, _root, { uuid }, { db }) => db.build.findUnique({ ...query, where: { uuid } }),
  }),
  buildsByUuid: t.field({
    type: [Build],
    nullable: { list: true, items: true },
    description:
      'The builds with these UUIDs, in the order of the UUIDs. Null for each UUID without a build.',
    args: {
      uuids: t.arg({
        type: ['UUID'],
        required: true,
        description: `UUIDs of builds; at most ${maxPageSize}.`,
      }),
    },
    complexity: ({ uuids }) => lookUpCost(uuids),
    resolve: async (_root, { uuids }, context, info) => {
      checkLookUps('uuids', uuids)
      const selection = queryFromInfo({ context, info, typeName: 'Build' })
      const found = await context.db.build.findMany({ ...selection, where: { uuid: { in: uuids } } })
      const byUuid = new Map(found.map((build) => [build.uuid, build]))
      return uuids.map((uuid) => byUuid.get(uuid) ?? null)
    },
  }),
  builds: t.connection(
    {
      type: Build,
      nullable: true,
      description: 'Builds of all jobs, newest first by their start, or last received first.',
      args: {
        filter: t.arg({ type: BuildFilterInput, description: 'Which builds to list.' }),
        order: t.arg(order),
      },
      complexity: pageCost,
      resolve: async (_root, args, context, info) => {
        const order = args.order ?? 'STARTED'
        const page = parsePage(args, listOrders[order])
        const filter = args.filter ?? {}
        const ids = await findBuildIds(context.db, filter, page, order)
        const builds = await findBuilds(context, selectBuildNodes(context, info), ids)
        const totalCount = () => countBuilds(context.db, filter)
        return { ...toConnection(builds.toSorted(byOrder(order)), page, listOrders[order]), totalCount }
      },
    },
    BuildConnection,
  ),
}))
