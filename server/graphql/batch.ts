import DataLoader from 'dataloader'
import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { perOperation } from '../per-operation.ts'
import type { Context } from './builder.ts'

type Loaders = Map<string, DataLoader<number, unknown>>
const loadersOf = perOperation((_context: Context) => new WeakMap<readonly FieldNode[], Loaders>())

/**
 * Resolves one field for all its parents at once: for the builds of a list of jobs, `load` runs once instead of
 * once per job. Parents share a field node and its arguments, and therefore the selection. But each parent has to
 * compute the selection from its own `info`, because Pothos records loaded data by path, and would otherwise load
 * relations again for the other parents.
 *
 * `load` gets distinct ids and returns a map with the value of each id.
 */
export function batchByField<Id extends number, Value>(
  context: Context,
  info: GraphQLResolveInfo,
  args: unknown,
  id: Id,
  load: (ids: readonly Id[]) => Promise<ReadonlyMap<Id, Value>>,
): Promise<Value | undefined> {
  const fields = loadersOf(context)
  const loaders: Loaders = fields.get(info.fieldNodes) ?? new Map<string, DataLoader<number, unknown>>()
  fields.set(info.fieldNodes, loaders)

  const key = JSON.stringify(args, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  let loader = loaders.get(key)
  if (!loader) {
    loader = new DataLoader<number, unknown>(async (ids) => {
      // DataLoader passes on only ids that this function got, so their type is `Id`.
      const values = await load(ids as readonly Id[])
      return ids.map((one) => values.get(one as Id))
    })
    loaders.set(key, loader)
  }
  return loader.load(id) as Promise<Value | undefined>
}
