import { builder } from '../graphql/builder.ts'

export const Platform = builder.prismaNode('Platform', {
  description: 'An operating system that builds run on, like `debian-12`.',
  id: { field: 'name', description: 'Global id, for `node`.' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its unique name.' }),
  }),
})

builder.queryFields((t) => ({
  platforms: t.prismaField({
    type: [Platform],
    description: 'All platforms, by name. There are few: at most some dozens.',
    complexity: { field: 1, multiplier: 10 },
    resolve: (query, _root, _args, { db }) => db.platform.findMany({ ...query, orderBy: { name: 'asc' } }),
  }),
  platform: t.prismaField({
    type: Platform,
    nullable: true,
    description: 'The platform with this name.',
    args: { name: t.arg.string({ required: true, description: 'Its name, exactly.' }) },
    resolve: (query, _root, { name }, { db }) => db.platform.findUnique({ ...query, where: { name } }),
  }),
}))
