import { queryFromInfo } from '@pothos/plugin-prisma'
import { Build, loadBuild } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { loadPlatform, Platform } from '../platforms/platform.graphql.ts'
import { byPlatformName, Job } from './job.graphql.ts'

const JobPlatform = builder.prismaObject('JobPlatform', {
  description: 'Where a job stands on one platform.',
  fields: (t) => ({
    platform: t.field({
      type: Platform,
      description: 'The platform.',
      resolve: ({ platformId }, _args, context) => loadPlatform(context, platformId),
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The newest build by its start, whatever its result.',
      resolve: ({ newestBuildId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), newestBuildId),
    }),
    newestSuccess: t.field({
      type: Build,
      nullable: true,
      description: 'The newest build that succeeded; null when none did.',
      resolve: ({ newestSuccessId }, _args, context, info) => {
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        return newestSuccessId === null ? null : loadBuild(context, selection, newestSuccessId)
      },
    }),
  }),
})

builder.prismaObjectField(Job, 'standings', (t) =>
  t.relation('platforms', {
    type: JobPlatform,
    description: 'Where it stands on each platform that it was built on; by name of the platform.',
    complexity: { field: 1, multiplier: 4 },
    query: { orderBy: byPlatformName },
  }),
)
