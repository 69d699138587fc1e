import { builder } from '../graphql/builder.ts'
import { batchPrice, pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import { byNewestId, findByNewestId } from '../list-by-id.ts'
import type { RunId } from '../ids.ts'
import { Job } from '../jobs/job.graphql.ts'
import { loadJobByName } from '../jobs/load-jobs.graphql.ts'
import { markVolatile } from '../volatile.ts'
import { whereRuns } from './list-runs.ts'
import { selectRunNodes } from './load-runs.graphql.ts'
import { Run, RunCause, RunState } from './run.graphql.ts'

builder.prismaObjectFields(Run, (t) => ({
  job: t.field({
    type: Job,
    nullable: true,
    description: 'The job; null before its first build.',
    complexity: batchPrice,
    resolve: ({ job }, _args, context, info) => loadJobByName(context, info, job),
  }),
  reproduces: t.expose('reproduces', {
    type: 'UUID',
    nullable: true,
    description: 'UUID of the build whose output it is to repeat; null: of none.',
  }),
}))

const RunConnection = builder.connectionObject(
  { type: Run, name: 'RunConnection', description: 'A page of runs.' },
  { name: 'RunEdge', description: 'A run in a list.' },
)

const RunFilterInput = builder.inputType('RunFilter', {
  description: 'Filter for runs. A run must meet all given conditions.',
  fields: (t) => ({
    job: t.string({ description: 'Only runs of this job.' }),
    platform: t.string({ description: 'Only runs on this platform.' }),
    states: t.field({ type: [RunState], description: 'Only runs in one of these states.' }),
    causes: t.field({ type: [RunCause], description: 'Only runs that were queued for one of these causes.' }),
    worker: t.string({ description: 'Only runs that the worker with this name had.' }),
    reproduces: t.field({ type: 'UUID', description: 'Only runs that are to repeat this build.' }),
  }),
})

const order = byNewestId('run')

builder.queryFields((t) => ({
  runs: t.connection(
    {
      type: Run,
      nullable: true,
      description: 'What was, is and will be built, those that were queued last first.',
      args: { filter: t.arg({ type: RunFilterInput, description: 'Which runs to list.' }) },
      complexity: pageCost,
      async resolve(_root, args, context, info) {
        markVolatile(context)
        const { db } = context
        const page = parsePage(args, order)
        const { job, platform, states, causes, worker, reproduces } = args.filter ?? {}
        const where = {
          ...whereRuns({
            ...(job == null ? {} : { job }),
            ...(platform == null ? {} : { platform }),
            ...(states == null ? {} : { states }),
            ...(causes == null ? {} : { causes }),
            ...(worker == null ? {} : { worker }),
          }),
          ...(reproduces == null ? {} : { reproduces }),
        }
        const selection = selectRunNodes(context, info)
        const rows = await findByNewestId(page, ({ range, ...asked }) =>
          db.run.findMany({
            ...selection,
            ...asked,
            where: { ...where, id: range as { lt?: RunId; gt?: RunId } },
          }),
        )
        return { ...toConnection(rows, page, order), totalCount: () => db.run.count({ where }) }
      },
    },
    RunConnection,
  ),
}))
