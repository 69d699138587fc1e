import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Build as BuildRow } from '../generated/prisma/client.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import type { Context } from '../graphql/builder.ts'
import { toConnection } from '../graphql/connection.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import { perOperation } from '../per-operation.ts'
import { inSlices, rowsPerTurn } from '../slices.ts'
import type { StartCursor } from '../start-cursor.ts'
import { byOrder, findBuildIdsOf, type BuildFilter, type BuildOrder } from './list-builds.ts'
import { listOrders } from './list-orders.graphql.ts'

/**
 * The selection of the nodes of a connection, through `edges` or `nodes`. It is the same for all parents, but
 * computed for each, because Pothos also records by path which data is loaded.
 */
export function selectBuildNodes(context: Context, info: GraphQLResolveInfo) {
  return queryFromInfo({ context, info, typeName: 'Build', paths: [['edges', 'node'], ['nodes']] })
}

export type BuildSelection = ReturnType<typeof selectBuildNodes>

/** Reads builds in slices, so that other requests run between them. In no particular order. */
export async function findBuilds(context: Context, selection: BuildSelection, ids: readonly BuildId[]) {
  return inSlices(
    ids,
    rowsPerTurn,
    (slice) => context.db.build.findMany({ ...selection, where: { id: { in: slice } } }),
    () => passTurn(context),
  )
}

type BuildLoader = DataLoader<BuildId, BuildRow>
const buildLoaders = perOperation((_context: Context) => new Map<string, BuildLoader>())

/**
 * Builds by the ids of their rows, with the selection of the field (`queryFromInfo`), in the given order. Fields of
 * an operation with the same selection read their builds together, and each build once.
 */
export async function loadBuilds(
  context: Context,
  selection: BuildSelection,
  ids: readonly BuildId[],
): Promise<BuildRow[]> {
  const loaders = buildLoaders(context)
  const key = JSON.stringify(selection)
  const loader: BuildLoader =
    loaders.get(key) ??
    new DataLoader(async (wanted) => {
      const found = await findBuilds(context, selection, wanted)
      const byId = new Map(found.map((build) => [build.id, build]))
      return wanted.map((one) => byId.get(one) ?? new Error(`build ${one} is missing`))
    })
  loaders.set(key, loader)
  return Promise.all(ids.map((id) => loader.load(id)))
}

/** A build by the id of its row, read together with others. */
export async function loadBuild(context: Context, selection: BuildSelection, id: BuildId): Promise<BuildRow> {
  const [build] = await loadBuilds(context, selection, [id])
  if (!build) throw new Error(`build ${id} is missing`)
  return build
}

/** The builds of each job or platform as connections; for `batchByField`. */
export async function loadBuildConnections<Parent extends JobId | PlatformId>(
  context: Context,
  selection: BuildSelection,
  parent: 'Job' | 'Platform',
  parentIds: readonly Parent[],
  filter: BuildFilter,
  page: Page<StartCursor>,
  order: BuildOrder,
) {
  const ids = await findBuildIdsOf(context.db, parent, parentIds, filter, page, order)
  const builds = await findBuilds(context, selection, [...ids.values()].flat())
  const byId = new Map(builds.map((build) => [build.id, build]))
  return new Map(
    [...ids].map(([parentId, own]) => {
      const found = own.flatMap((id) => byId.get(id) ?? [])
      return [parentId, toConnection(found.toSorted(byOrder(order)), page, listOrders[order])]
    }),
  )
}
