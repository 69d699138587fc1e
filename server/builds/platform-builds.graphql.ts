import { BuildConnection, buildArguments } from './build-lists.graphql.ts'
import { Build } from './build.graphql.ts'
import { listOrders } from './list-orders.graphql.ts'
import { loadBuildConnections, selectBuildNodes } from './load-builds.graphql.ts'
import { countBuildsOnPlatforms } from './list-builds.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage } from '../graphql/connection.ts'
import { Platform } from '../platforms/platform.graphql.ts'

builder.prismaObjectField(Platform, 'builds', (t) =>
  t.connection(
    {
      type: Build,
      description: 'The builds that ran on it, newest first by their start, or last received first.',
      args: buildArguments.Platform,
      complexity: pageCost,
      resolve: async (platform, args, context, info) => {
        const order = args.order ?? 'STARTED'
        const page = parsePage(args, listOrders[order])
        const { job, status, verdict, isDisputed, since, until, receivedSince } = args
        const filter = { job, status, verdict, isDisputed, since, until, receivedSince }
        const selection = selectBuildNodes(context, info)
        const connection = await batchByField(context, info, args, platform.id, (ids) =>
          loadBuildConnections(context, selection, 'Platform', ids, filter, page, order),
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
