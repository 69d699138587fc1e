import { Build, BuildConnection, BuildStatus, loadBuildConnections } from '../builds/build.graphql.ts'
import { countBuilds, parseBuildCursor } from '../builds/list-builds.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage } from '../graphql/connection.ts'
import { Platform } from './platform.graphql.ts'

builder.prismaObjectField(Platform, 'builds', (t) =>
  t.connection(
    {
      type: Build,
      description: 'The builds that ran on it, newest first by their start.',
      args: { status: t.arg({ type: BuildStatus, description: 'Only builds that succeeded, or failed.' }) },
      complexity: pageCost,
      resolve: async (platform, args, context, info) => {
        const page = parsePage(args, parseBuildCursor)
        const filter = { status: args.status }
        const connection = await batchByField(context, info, args, platform.id, (ids) =>
          loadBuildConnections(context, info, 'Platform', ids, filter, page),
        )
        if (!connection) throw new Error(`platform ${platform.name} got no list of builds`)
        return {
          ...connection,
          totalCount: () => countBuilds(context.db, { ...filter, platform: platform.name }),
        }
      },
    },
    BuildConnection,
  ),
)
