import DataLoader from 'dataloader'
import { builder, type Context } from '../graphql/builder.ts'
import { maxPageSize } from '../graphql/connection.ts'
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

builder.queryFields((t) => ({
  platforms: t.prismaField({
    type: [Platform],
    nullable: true,
    description: `The first ${maxPageSize} platforms by name. \`Site.platformCount\` is the number of all.`,
    complexity: { field: 1, multiplier: 10 },
    resolve: (query, _root, _args, { db }) =>
      db.platform.findMany({ ...query, orderBy: { name: 'asc' }, take: maxPageSize }),
  }),
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
