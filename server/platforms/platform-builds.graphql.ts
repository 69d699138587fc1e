import {
  Build,
  BuildConnection,
  buildOrder,
  BuildStatus,
  loadBuildConnections,
  selectBuildNodes,
} from '../builds/build.graphql.ts'
import { countBuildsOnPlatforms } from '../builds/list-builds.ts'
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
        const page = parsePage(args, buildOrder)
        const filter = { status: args.status }
        const selection = selectBuildNodes(context, info)
        const connection = await batchByField(context, info, args, platform.id, (ids) =>
          loadBuildConnections(context, selection, 'Platform', ids, filter, page),
        )
        if (!connection) throw new Error(`platform ${platform.name} got no list of builds`)
        const totalCount = async () => {
          const count = await batchByField(context, info, { totalCount: filter }, platform.id, (ids) =>
            countBuildsOnPlatforms(context.db, ids, filter),
          )
          return count ?? 0
        }
        return { ...connection, totalCount }
      },
    },
    BuildConnection,
  ),
)
