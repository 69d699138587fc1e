import DataLoader from 'dataloader'
import { Build } from '../builds/build.graphql.ts'
import type { Deps } from '../deps.ts'
import { batchPrice } from '../graphql/connection.ts'
import { builder } from '../graphql/builder.ts'
import type { BuildId } from '../ids.ts'
import { JobOutput } from '../jobs/outputs.graphql.ts'
import { perOperation } from '../per-operation.ts'
import { parametersPerStatement } from '../slices.ts'
import { findOwnVersions } from './find-own-versions.ts'

const loader = perOperation(
  ({ db }: Pick<Deps, 'db'>) =>
    new DataLoader<BuildId, string | null>(
      async (ids) => {
        const found = await findOwnVersions(db, ids)
        return ids.map((id) => found.get(id) ?? null)
      },
      { maxBatchSize: parametersPerStatement },
    ),
)

const whose =
  'that of the package which is named like the job, in the opam switch of the build. Null if there is none.'

builder.prismaObjectField(Build, 'version', (t) =>
  t.string({
    nullable: true,
    description: `Version of what was built: ${whose}`,
    complexity: batchPrice,
    resolve: ({ id }, _args, context) => loader(context).load(id),
  }),
)

builder.prismaObjectField(JobOutput, 'version', (t) =>
  t.string({
    nullable: true,
    description: `Version of the newest build with this main binary: ${whose}`,
    complexity: batchPrice,
    resolve: ({ lastBuildId }, _args, context) => loader(context).load(lastBuildId),
  }),
)
