import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import { builder, type Context } from '../graphql/builder.ts'
import type { BuildId } from '../ids.ts'
import { Build, loadBuild } from './build.graphql.ts'
import { findRelatedIds, type RelatedTo, type Relation } from './related-builds.ts'

type IdLoader = DataLoader<RelatedTo, BuildId | null, string>
const idLoaders = new WeakMap<Context, IdLoader>()

function loadRelatedId(context: Context, asked: RelatedTo): Promise<BuildId | null> {
  const loader: IdLoader =
    idLoaders.get(context) ??
    new DataLoader((all) => findRelatedIds(context.db, all), {
      cacheKeyFn: ({ id, relation }) => `${relation} ${id}`,
    })
  idLoaders.set(context, loader)
  return loader.load(asked)
}

/** All relatives that an operation asks for at one level cost one look-up, and one read of the builds. */
async function loadRelated(asked: RelatedTo, context: Context, info: GraphQLResolveInfo) {
  const selection = queryFromInfo({ context, info, typeName: 'Build' })
  const id = await loadRelatedId(context, asked)
  return id === null ? null : loadBuild(context, selection, id)
}

const descriptions: Record<Relation, string> = {
  latest: 'The newest build with a main binary of the same job on the same platform; may be this one.',
  firstWithOutput:
    'The earliest build with the same main binary of the same job on the same platform; may be this one.',
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
      resolve: ({ id }, _args, context, info) => loadRelated({ id, relation }, context, info),
    })
  return {
    latest: related('latest'),
    firstWithOutput: related('firstWithOutput'),
    nextDifferentOutput: related('nextDifferentOutput'),
    previousDifferentOutput: related('previousDifferentOutput'),
    previousSuccess: related('previousSuccess'),
    nextSuccess: related('nextSuccess'),
  }
})
