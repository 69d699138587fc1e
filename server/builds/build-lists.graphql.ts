import { queryFromInfo } from '@pothos/plugin-prisma'
import { builder } from '../graphql/builder.ts'
import {
  checkLookUps,
  lookUpCost,
  maxPageSize,
  pageCost,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import { Build, BuildStatus, Verdict } from './build.graphql.ts'
import { byOrder, countBuilds, findBuildIds } from './list-builds.ts'
import { listOrders } from './list-orders.graphql.ts'
import { findBuilds, selectBuildNodes } from './load-builds.graphql.ts'

export const BuildConnection = builder.connectionObject(
  { type: Build, name: 'BuildConnection', description: 'A page of builds.' },
  { name: 'BuildEdge', description: 'A build in a list.' },
)

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
  isDisputed: {
    type: 'Boolean',
    description:
      'Only builds with the grade `DISPUTED`: the same inputs gave another main binary, in a build here or by a signed statement of somebody else. False: only the others.',
  },
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
    isDisputed: arg.field(conditions.isDisputed),
    since: arg.field(conditions.since),
    until: arg.field(conditions.until),
    receivedSince: arg.field(conditions.receivedSince),
    order: arg.field(order),
  }
}

export const BuildFilterInput = builder.inputType('BuildFilter', {
  description: 'Filter for builds. A build must meet all given conditions.',
  fields: (t) => ({
    job: t.string(conditions.job),
    platform: t.string(conditions.platform),
    status: t.field(conditions.status),
    verdict: t.field(conditions.verdict),
    isDisputed: t.field(conditions.isDisputed),
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
