import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Job } from '../generated/prisma/client.ts'
import type { Context } from '../graphql/builder.ts'
import { perOperation } from '../per-operation.ts'

type JobLoader = DataLoader<string, Job | null>
const jobLoaders = perOperation((_context: Context) => new Map<string, JobLoader>())

/** A job by its name, with the selection of the field, read together with others; null if it has no build. */
export function loadJobByName(context: Context, info: GraphQLResolveInfo, name: string): Promise<Job | null> {
  const selection = queryFromInfo({ context, info, typeName: 'Job' })
  const loaders = jobLoaders(context)
  const key = JSON.stringify(selection)
  const loader: JobLoader =
    loaders.get(key) ??
    new DataLoader(async (names) => {
      const found = await context.db.job.findMany({ ...selection, where: { name: { in: [...names] } } })
      const byName = new Map(found.map((job) => [job.name, job]))
      return names.map((wanted) => byName.get(wanted) ?? null)
    })
  loaders.set(key, loader)
  return loader.load(name)
}
