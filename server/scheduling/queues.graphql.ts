import DataLoader from 'dataloader'
import type { PlatformQueue as Row } from '../generated/prisma/client.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice, pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import type { RunId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { markVolatile } from '../volatile.ts'
import { countInQueues, findFirstWaiting, findQueues, type QueueCounts } from './find-queues.ts'
import { loadRuns, selectRuns } from './load-runs.graphql.ts'
import { Run } from './run.graphql.ts'

const nothing: QueueCounts = { waiting: 0, running: 0, workers: 0, slots: 0 }

const countsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, QueueCounts>(async (platforms) => {
      const counts = await countInQueues(db, platforms)
      return platforms.map((platform) => counts.get(platform) ?? nothing)
    }),
)

const waitingLoaders = perOperation((_context: Context) => new Map<number, DataLoader<string, RunId[]>>())

function waitingOf(context: Context, count: number): DataLoader<string, RunId[]> {
  const loaders = waitingLoaders(context)
  const known = loaders.get(count)
  if (known) return known
  const loader = new DataLoader<string, RunId[]>(async (platforms) => {
    const found = groupBy(await findFirstWaiting(context.db, platforms, count), ({ platform }) => platform)
    return platforms.map((platform) => (found.get(platform) ?? []).map(({ id }) => id))
  })
  loaders.set(count, loader)
  return loader
}

const mostWaiting = 50

const PlatformQueue = builder.objectRef<Row>('PlatformQueue').implement({
  description: 'What waits for the workers of a platform.',
  fields: (t) => ({
    platformName: t.exposeString('platform', { description: 'Name of the platform.' }),
    isPaused: t.exposeBoolean('isPaused', { description: 'Whether no worker gets anything of it.' }),
    droppedAt: t.expose('droppedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the platform was given up: nothing is queued for it any more. Null: it was not.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it came into being.' }),
    waitingCount: t.int({
      description: 'How many runs wait.',
      complexity: batchPrice,
      resolve: async ({ platform }, _args, context) => (await countsOf(context).load(platform)).waiting,
    }),
    runningCount: t.int({
      description: 'How many runs workers have.',
      complexity: batchPrice,
      resolve: async ({ platform }, _args, context) => (await countsOf(context).load(platform)).running,
    }),
    workerCount: t.int({
      description: 'How many workers of the platform are connected.',
      complexity: batchPrice,
      resolve: async ({ platform }, _args, context) => (await countsOf(context).load(platform)).workers,
    }),
    slotCount: t.int({
      description: 'How many runs these workers take at once.',
      complexity: batchPrice,
      resolve: async ({ platform }, _args, context) => (await countsOf(context).load(platform)).slots,
    }),
    firstWaiting: t.field({
      type: [Run],
      description: `The runs that are next, in the order of the queue: fair shares between jobs may change it.`,
      args: {
        count: t.arg.int({ description: `How many, at most ${mostWaiting}.`, defaultValue: 10 }),
      },
      complexity: ({ count }) => ({
        field: batchPrice,
        multiplier: Math.min(Math.max(count ?? 10, 1), mostWaiting),
      }),
      async resolve({ platform }, { count }, context, info) {
        if (count == null || count < 0 || count > mostWaiting)
          throw badInput(`count must be between 0 and ${mostWaiting}, not ${count}`)
        const selection = selectRuns(context, info)
        return loadRuns(context, selection, await waitingOf(context, count).load(platform))
      },
    }),
  }),
})

const PlatformQueueConnection = builder.connectionObject(
  { type: PlatformQueue, name: 'PlatformQueueConnection', description: 'A page of queues, by platform.' },
  { name: 'PlatformQueueEdge', description: 'A queue in a list.' },
)

const order: ListOrder<Row, string> = {
  name: 'queue',
  keyOf: ({ platform }) => platform,
  parseKey: (text) => text,
}

builder.queryFields((t) => ({
  queue: t.field({
    type: PlatformQueue,
    nullable: true,
    description: 'The queue of a platform. Null: nothing was ever scheduled for it, and no worker has asked.',
    args: { platform: t.arg.string({ required: true, description: 'Name of the platform.' }) },
    async resolve(_root, { platform }, context) {
      markVolatile(context)
      return context.db.platformQueue.findUnique({ where: { platform } })
    },
  }),
  queues: t.connection(
    {
      type: PlatformQueue,
      nullable: true,
      description: 'The queues of all platforms on which something can be built, by platform.',
      complexity: pageCost,
      async resolve(_root, args, context) {
        markVolatile(context)
        const { db } = context
        const page = parsePage(args, order)
        return {
          ...toConnection(await findQueues(db, page), page, order),
          totalCount: () => db.platformQueue.count(),
        }
      },
    },
    PlatformQueueConnection,
  ),
}))
