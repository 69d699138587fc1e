import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import { builder, type Context } from '../graphql/builder.ts'
import type { BuildId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { Build } from './build.graphql.ts'
import { loadBuild } from './load-builds.graphql.ts'
import { findRelatedIds, type RelatedTo, type Relation } from './related-builds.ts'

const relatedIdLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<RelatedTo, BuildId | null, string>((all) => findRelatedIds(db, all), {
      cacheKeyFn: ({ id, relation }) => `${relation} ${id}`,
    }),
)

/** Loads related builds. All of one level of an operation need one look-up, and one read of the builds. */
async function loadRelated(asked: RelatedTo, context: Context, info: GraphQLResolveInfo) {
  const selection = queryFromInfo({ context, info, typeName: 'Build' })
  const id = await relatedIdLoader(context).load(asked)
  return id === null ? null : loadBuild(context, selection, id)
}

const descriptions: Record<Relation, string> = {
  newestWithMainBinary:
    'The newest build of this job on this platform that has a main binary. It can be this build, and it can be a failed build. Null if there is no such build.',
  firstWithOutput:
    'The earliest build of this job on this platform with the same main binary. It can be this build. Null if this build has no main binary.',
  nextDifferentOutput:
    'The next build of this job on this platform with a different main binary. Null if there is no such build.',
  previousDifferentOutput:
    'The previous build of this job on this platform with a different main binary. Null if there is no such build.',
  previousSuccess:
    'The previous successful build of this job on this platform. Null if there is no such build.',
  nextSuccess: 'The next successful build of this job on this platform. Null if there is no such build.',
}

builder.prismaObjectFields(Build, (t) => {
  const related = (relation: Relation) =>
    t.field({
      type: Build,
      nullable: true,
      description: descriptions[relation],
      complexity: 10,
      resolve: ({ id }, _args, context, info) => loadRelated({ id, relation }, context, info),
    })
  return {
    newestWithMainBinary: related('newestWithMainBinary'),
    firstWithOutput: related('firstWithOutput'),
    nextDifferentOutput: related('nextDifferentOutput'),
    previousDifferentOutput: related('previousDifferentOutput'),
    previousSuccess: related('previousSuccess'),
    nextSuccess: related('nextSuccess'),
  }
})
