import DataLoader from 'dataloader'
import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { perOperation } from '../per-operation.ts'
import type { Context } from './builder.ts'

type Loaders = Map<string, DataLoader<number, unknown>>
const loadersOf = perOperation((_context: Context) => new WeakMap<readonly FieldNode[], Loaders>())

/**
 * Resolve one field for all its parents at once: a list of jobs that each ask for builds runs
 * `load` once, not once a job. Parents share a field node and its arguments, thus the selection;
 * but each makes it before, from its own `info`: Pothos notes what is loaded by path, and would
 * load relations again below the others.
 *
 * `load` answers for each id, in a map; ids are distinct.
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
      // Only ids that this function was given come back, so they are of the type that went in.
      const values = await load(ids as readonly Id[])
      return ids.map((one) => values.get(one as Id))
    })
    loaders.set(key, loader)
  }
  return loader.load(id) as Promise<Value | undefined>
}
