import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { builder, type Context } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import type { PlatformId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'

export const Platform = builder.prismaNode('Platform', {
  description: 'An operating system that builds run on, like `debian-12`.',
  id: { field: 'name', description: 'Global id, for `node`.' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its unique name.' }),
  }),
})

export const PlatformConnection = builder.connectionObject(
  { type: Platform, name: 'PlatformConnection', description: 'A page of platforms, by name.' },
  { name: 'PlatformEdge', description: 'A platform in a list.' },
)

const platformOrder: ListOrder<{ name: string }, string> = {
  name: 'platform',
  keyOf: ({ name }) => name,
  parseKey: (text) => text,
}

builder.queryFields((t) => ({
  platforms: t.connection(
    {
      type: Platform,
      nullable: true,
      description: 'Platforms by name.',
      complexity: pageCost,
      resolve: async (_root, args, context, info) => {
        const page = parsePage(args, platformOrder)
        const { limit, backward, after, before } = page
        const found = await context.db.platform.findMany({
          ...queryFromInfo({
            context,
            info,
            typeName: 'Platform',
            paths: [['edges', 'node'], ['nodes']],
          }),
          where: {
            name: { ...(after === null ? {} : { gt: after }), ...(before === null ? {} : { lt: before }) },
          },
          orderBy: { name: backward ? 'desc' : 'asc' },
          take: limit + 1,
        })
        const platforms = backward ? found.toReversed() : found
        return {
          ...toConnection(platforms, page, platformOrder),
          totalCount: () => context.db.platform.count(),
        }
      },
    },
    PlatformConnection,
  ),
  platform: t.prismaField({
    type: Platform,
    nullable: true,
    description: 'The platform with this name.',
    args: { name: t.arg.string({ required: true, description: 'Its name, exactly.' }) },
    resolve: (query, _root, { name }, { db }) => db.platform.findUnique({ ...query, where: { name } }),
  }),
}))

export type PlatformRow = { id: PlatformId; name: string }

const platformLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<PlatformId, PlatformRow>(async (ids) => {
      const found = await db.platform.findMany({ where: { id: { in: [...ids] } } })
      const byId = new Map(found.map((platform) => [platform.id, platform]))
      return ids.map((wanted) => byId.get(wanted) ?? new Error(`platform ${wanted} is missing`))
    }),
)

/** A platform by its row. There are few, and every build has one: an operation reads each but once. */
export function loadPlatform(context: Context, id: PlatformId) {
  return platformLoader(context).load(id)
}
