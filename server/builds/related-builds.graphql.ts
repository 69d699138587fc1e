import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Build as BuildRow } from '../generated/prisma/client.ts'
import { builder, type Context } from '../graphql/builder.ts'
import type { BuildId } from '../ids.ts'
import { Build } from './build.graphql.ts'
import { findRelatedIds, type RelatedTo, type Relation } from './related-builds.ts'

type Loaders = {
  ids: DataLoader<RelatedTo, BuildId | null, string>
  /** One for each selection of fields: relatives of which the same is asked are read together. */
  builds: Map<string, DataLoader<BuildId, BuildRow>>
}
const loadersOf = new WeakMap<Context, Loaders>()

function loadersFor(context: Context): Loaders {
  const known = loadersOf.get(context)
  if (known) return known
  const loaders: Loaders = {
    ids: new DataLoader((asked) => findRelatedIds(context.db, asked), {
      cacheKeyFn: ({ id, relation }) => `${relation} ${id}`,
    }),
    builds: new Map(),
  }
  loadersOf.set(context, loaders)
  return loaders
}

/** All relatives that an operation asks for at one level cost one look-up, and one read of the builds. */
async function loadRelated(id: BuildId, relation: Relation, context: Context, info: GraphQLResolveInfo) {
  const { ids, builds } = loadersFor(context)
  const selection = queryFromInfo({ context, info, typeName: 'Build' })
  const relatedId = await ids.load({ id, relation })
  if (relatedId === null) return null
  const key = JSON.stringify(selection)
  let loader = builds.get(key)
  if (!loader) {
    loader = new DataLoader(async (wanted) => {
      const found = await context.db.build.findMany({ ...selection, where: { id: { in: [...wanted] } } })
      const byId = new Map(found.map((build) => [build.id, build]))
      return wanted.map((one) => byId.get(one) ?? new Error(`build ${one} is missing`))
    })
    builds.set(key, loader)
  }
  return loader.load(relatedId)
}

const descriptions: Record<Relation, string> = {
  latest: 'The newest build with a main binary of the same job on the same platform; may be this one.',
  nextDifferentOutput: 'The next later build of the same job on the same platform with another main binary.',
  previousDifferentOutput:
    'The next earlier build of the same job on the same platform with another main binary.',
  previousSuccess: 'The last build before it, of the same job on the same platform, that succeeded.',
  nextSuccess: 'The first build after it, of the same job on the same platform, that succeeded.',
}

builder.prismaObjectFields(Build, (t) => {
  const related = (relation: Relation) =>
    t.field({
      type: Build,
      nullable: true,
      description: descriptions[relation],
      resolve: ({ id }, _args, context, info) => loadRelated(id, relation, context, info),
    })
  return {
    latest: related('latest'),
    nextDifferentOutput: related('nextDifferentOutput'),
    previousDifferentOutput: related('previousDifferentOutput'),
    previousSuccess: related('previousSuccess'),
    nextSuccess: related('nextSuccess'),
  }
})
