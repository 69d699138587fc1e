import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Run as RunRow } from '../generated/prisma/client.ts'
import type { Context } from '../graphql/builder.ts'
import type { RunId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'

type RunSelection = ReturnType<typeof selectRuns>

/** The selection of a field that gives runs. */
export const selectRuns = (context: Context, info: GraphQLResolveInfo) =>
  queryFromInfo({ context, info, typeName: 'Run' })

/** The selection of the nodes of a connection, through `edges` or `nodes`. */
export const selectRunNodes = (context: Context, info: GraphQLResolveInfo) =>
  queryFromInfo({ context, info, typeName: 'Run', paths: [['edges', 'node'], ['nodes']] })

type RunLoader = DataLoader<RunId, RunRow | null>
const runLoaders = perOperation((_context: Context) => new Map<string, RunLoader>())

/** Runs by the ids of their rows, read together with those of other fields with the same selection. Those that are gone are left out. */
export async function loadRuns(
  context: Context,
  selection: RunSelection,
  ids: readonly RunId[],
): Promise<RunRow[]> {
  const loaders = runLoaders(context)
  const key = JSON.stringify(selection)
  const loader: RunLoader =
    loaders.get(key) ??
    new DataLoader(async (wanted) => {
      const found = await context.db.run.findMany({ ...selection, where: { id: { in: [...wanted] } } })
      const byId = new Map(found.map((run) => [run.id, run]))
      return wanted.map((one) => byId.get(one) ?? null)
    })
  loaders.set(key, loader)
  const rows = await Promise.all(ids.map((id) => loader.load(id)))
  return rows.filter((row) => row !== null)
}
