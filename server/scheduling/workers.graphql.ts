import DataLoader from 'dataloader'
import type { BuildWorker as Row } from '../generated/prisma/client.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice, pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import type { BuildWorkerId, RunId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { parseListenAddress } from '../settings/listen-address.ts'
import { markVolatile } from '../volatile.ts'
import { countWorkers, findRunIdsOfWorkers, findWorkers } from './find-workers.ts'
import { loadRuns, selectRuns } from './load-runs.graphql.ts'
import { Run } from './run.graphql.ts'
import type { ConnectedWorker } from './scheduler.ts'
import { seesScripts } from './scheduling-act.ts'

const WorkerProtocol = builder.enumType('WorkerProtocol', {
  description: 'What a worker speaks.',
  values: {
    BUILDER: { description: 'Worker protocol 5 of builder.' },
    HUB: { description: 'The protocol of this hub: the worker comes back after its connection broke.' },
  } satisfies Record<ConnectedWorker['protocol'], object>,
})

const runsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<BuildWorkerId, RunId[]>(async (ids) => {
      const found = groupBy(await findRunIdsOfWorkers(db, ids), ({ workerId }) => workerId)
      return ids.map((id) => (found.get(id) ?? []).map(({ runId }) => runId))
    }),
)

const BuildWorker = builder.objectRef<Row>('BuildWorker').implement({
  description: 'A program that executes runs: one that is connected, or was.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    platformName: t.exposeString('platform', { description: 'Name of its platform.' }),
    address: t.string({
      nullable: true,
      description: 'Its address. Null for viewers without the right `schedule` or `admin:read`.',
      resolve: async ({ address }, _args, context) => ((await seesScripts(context)) ? address : null),
    }),
    protocol: t.field({
      type: WorkerProtocol,
      description: 'What it speaks.',
      resolve: ({ protocol }) => (protocol === 'HUB' ? 'HUB' : 'BUILDER'),
    }),
    software: t.exposeString('software', { description: 'Its program, with its version if it says it.' }),
    slots: t.exposeInt('slots', { description: 'How many runs it takes at once.' }),
    isConnected: t.boolean({
      description: 'Whether it is connected.',
      resolve: ({ disconnectedAt }) => disconnectedAt === null,
    }),
    connectedAt: t.expose('connectedAt', { type: 'DateTime', description: 'When it last connected.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When it last sent something.' }),
    disconnectedAt: t.expose('disconnectedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its connection ended; null: it is connected.',
    }),
    currentRuns: t.field({
      type: [Run],
      description: 'The runs that it has now.',
      complexity: { field: batchPrice, multiplier: 5 },
      async resolve({ id }, _args, context, info) {
        const selection = selectRuns(context, info)
        return loadRuns(context, selection, await runsOf(context).load(id))
      },
    }),
  }),
})

const BuildWorkerConnection = builder.connectionObject(
  { type: BuildWorker, name: 'BuildWorkerConnection', description: 'A page of workers, by name.' },
  { name: 'BuildWorkerEdge', description: 'A worker in a list.' },
)

const WorkerFilterInput = builder.inputType('WorkerFilter', {
  description: 'Filter for workers. A worker must meet all given conditions.',
  fields: (t) => ({
    platform: t.string({ description: 'Only workers of this platform.' }),
    isConnected: t.boolean({ description: 'True: only those that are connected; false: only the others.' }),
  }),
})

const order: ListOrder<Row, string> = {
  name: 'worker',
  keyOf: ({ name }) => name,
  parseKey: (text) => text,
}

const WorkerListener = builder
  .objectRef<{ host: string; port: number; hasTls: boolean; requiresToken: boolean }>('WorkerListener')
  .implement({
    description: 'Where the server listens for workers.',
    fields: (t) => ({
      host: t.exposeString('host', {
        description: 'Name or address that it listens at; `0.0.0.0` or `::` for all of the machine.',
      }),
      port: t.exposeInt('port', { description: 'Its port.' }),
      hasTls: t.exposeBoolean('hasTls', { description: 'Whether it speaks TLS.' }),
      requiresToken: t.exposeBoolean('requiresToken', {
        description: 'Whether it serves only workers that send a token.',
      }),
    }),
  })

builder.queryFields((t) => ({
  workerListener: t.field({
    type: WorkerListener,
    nullable: true,
    description:
      'Where the server listens for workers; null: nowhere, or the viewer lacks the right `schedule` or `admin:read`.',
    async resolve(_root, _args, context) {
      const { builderListen, builderTlsCert, builderTokenRequired } = context.config
      const address = parseListenAddress(builderListen)
      // Port 0: the system has chosen one, which no setting tells.
      if (address === null || address.port === 0 || !(await seesScripts(context))) return null
      return { ...address, hasTls: builderTlsCert !== '', requiresToken: builderTokenRequired }
    },
  }),
  workers: t.connection(
    {
      type: BuildWorker,
      nullable: true,
      description: 'The programs that execute runs, by name.',
      args: { filter: t.arg({ type: WorkerFilterInput, description: 'Which workers to list.' }) },
      complexity: pageCost,
      async resolve(_root, args, context) {
        markVolatile(context)
        const { db } = context
        const page = parsePage(args, order)
        const filter = args.filter ?? {}
        return {
          ...toConnection(await findWorkers(db, filter, page), page, order),
          totalCount: () => countWorkers(db, filter),
        }
      },
    },
    BuildWorkerConnection,
  ),
}))
