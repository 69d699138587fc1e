import DataLoader from 'dataloader'
import type { Schedule as ScheduleRow } from '../generated/prisma/client.ts'
import { builder, type Context } from '../graphql/builder.ts'
import {
  batchPrice,
  pageCost,
  parsePage,
  textPrice,
  toConnection,
  type ListOrder,
} from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import type { RunId } from '../ids.ts'
import { Job } from '../jobs/job.graphql.ts'
import { loadJobByName } from '../jobs/load-jobs.graphql.ts'
import { perOperation } from '../per-operation.ts'
import { markVolatile } from '../volatile.ts'
import { ReproducePolicyType, RunLimitsType, SchedulePeriod, WorkKind } from './definition.graphql.ts'
import { readDefinition, type Definition } from './definition.ts'
import { countSchedules, findCurrentRunIds, findLastRunIds, findSchedules } from './find-schedules.ts'
import { loadRuns, selectRuns } from './load-runs.graphql.ts'
import { readScripts } from './read-info.ts'
import { Run } from './run.graphql.ts'
import { seesScripts } from './scheduling-act.ts'
import { scriptText } from './script-text.ts'
import { SectionPolicyType, sectionPolicyOf } from './section-policies.graphql.ts'

type Parent = { row: ScheduleRow; definition: Definition }
export const toSchedule = (row: ScheduleRow): Parent => ({ row, definition: readDefinition(row.definition) })

const scriptsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, Uint8Array>(async (hashes) => {
      const scripts = await readScripts(db, hashes)
      return hashes.map(scripts)
    }),
)

const lastRunsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, RunId | null>(async (jobs) => {
      const found = await findLastRunIds(db, jobs)
      return jobs.map((job) => found.get(job) ?? null)
    }),
)

const currentRunsOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, RunId[]>(async (jobs) => {
      const found = groupBy(await findCurrentRunIds(db, jobs), ({ job }) => job)
      return jobs.map((job) => (found.get(job) ?? []).map(({ id }) => id))
    }),
)

/** Runs of a job that wait or run: as many as are shown. */
const mostCurrentRuns = 20

export const Schedule = builder.objectRef<Parent>('Schedule').implement({
  description: 'What is built of a job, and when.',
  fields: (t) => ({
    jobName: t.string({
      description: 'Name of the job. It may have no build yet.',
      resolve: ({ row }) => row.job,
    }),
    job: t.field({
      type: Job,
      nullable: true,
      description: 'The job; null before its first build.',
      complexity: batchPrice,
      resolve: ({ row }, _args, context, info) => loadJobByName(context, info, row.job),
    }),
    kind: t.field({
      type: WorkKind,
      description: 'What it builds.',
      resolve: ({ definition }) => definition.work.kind,
    }),
    opamPackage: t.string({
      nullable: true,
      description: 'The opam package; null for a script.',
      resolve: ({ definition: { work } }) => (work.kind === 'OPAM_PACKAGE' ? work.opamPackage : null),
    }),
    platforms: t.stringList({
      nullable: true,
      description: 'Names of the platforms that it is built on; null: all.',
      resolve: ({ definition: { work } }) => (work.kind === 'SCRIPT' ? [work.platform] : work.platforms),
    }),
    script: t.string({
      nullable: true,
      description:
        'The script. Null for an opam package, for bytes that are not UTF-8, and for viewers without the right `schedule` or `admin:read`.',
      complexity: textPrice,
      async resolve({ definition: { work } }, _args, context) {
        if (work.kind !== 'SCRIPT' || !(await seesScripts(context))) return null
        return scriptText(await scriptsOf(context).load(work.scriptSha256))
      },
    }),
    scriptSha256: t.field({
      type: 'Sha256',
      nullable: true,
      description:
        'SHA-256 of the script. Null for an opam package, and for viewers without the right `schedule` or `admin:read`.',
      resolve: async ({ definition: { work } }, _args, context) =>
        work.kind === 'SCRIPT' && (await seesScripts(context)) ? work.scriptSha256 : null,
    }),
    period: t.field({
      type: SchedulePeriod,
      description: 'When it is queued.',
      resolve: ({ definition }) => definition.period,
    }),
    cron: t.string({
      nullable: true,
      description: 'The cron expression of five parts; null for other periods.',
      resolve: ({ definition }) => definition.cron,
    }),
    timeZone: t.string({
      description: 'Time zone of the cron expression.',
      resolve: ({ definition }) => definition.timeZone,
    }),
    nextAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is queued next; null: not by itself.',
      resolve: ({ row }) => (row.isPaused ? null : row.nextAt),
    }),
    isPaused: t.boolean({
      description: 'Whether it is paused: nothing is queued by itself.',
      resolve: ({ row }) => row.isPaused,
    }),
    priority: t.int({
      description: 'Lower numbers run first, -100 to 100.',
      resolve: ({ definition }) => definition.priority,
    }),
    timeoutSeconds: t.int({
      description: 'How long each try may take.',
      resolve: ({ definition }) => definition.timeoutSeconds,
    }),
    maxTries: t.int({
      description: 'How often a run is tried whose worker is lost, or whose time is over.',
      resolve: ({ definition }) => definition.maxTries,
    }),
    maxParallel: t.int({
      description: 'How many runs of the job may be under way on one platform.',
      resolve: ({ definition }) => definition.maxParallel,
    }),
    limits: t.field({
      type: RunLimitsType,
      description: 'What its runs may use.',
      resolve: ({ definition }) => definition.limits,
    }),
    reproduce: t.field({
      type: ReproducePolicyType,
      nullable: true,
      description:
        'How often its outputs are built; null: as the policy of its section says, or once without one.',
      resolve: ({ definition }) => definition.reproduce,
    }),
    sectionPolicy: t.field({
      type: SectionPolicyType,
      nullable: true,
      description: 'The policy of the section of the job. It counts while `reproduce` is null.',
      complexity: batchPrice,
      resolve: ({ row }, _args, context) => sectionPolicyOf(context).load(row.job),
    }),
    version: t.int({
      description: 'Number of its definition, from 1: `scheduleVersions` has all.',
      resolve: ({ row }) => row.version,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was added.',
      resolve: ({ row }) => row.createdAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When somebody last changed it.',
      resolve: ({ row }) => row.updatedAt,
    }),
    lastRun: t.field({
      type: Run,
      nullable: true,
      description: 'The newest run of the job that has ended.',
      complexity: batchPrice,
      async resolve({ row }, _args, context, info) {
        const selection = selectRuns(context, info)
        const id = await lastRunsOf(context).load(row.job)
        const [run] = id === null ? [] : await loadRuns(context, selection, [id])
        return run ?? null
      },
    }),
    currentRuns: t.field({
      type: [Run],
      description: `Its runs that wait or run, the first one first; at most ${mostCurrentRuns}.`,
      complexity: { field: batchPrice, multiplier: 5 },
      async resolve({ row }, _args, context, info) {
        const selection = selectRuns(context, info)
        const ids = await currentRunsOf(context).load(row.job)
        return loadRuns(context, selection, ids.slice(0, mostCurrentRuns))
      },
    }),
  }),
})

const ScheduleConnection = builder.connectionObject(
  { type: Schedule, name: 'ScheduleConnection', description: 'A page of schedules, by the names of jobs.' },
  { name: 'ScheduleEdge', description: 'A schedule in a list.' },
)

const ScheduleFilterInput = builder.inputType('ScheduleFilter', {
  description: 'Filter for schedules. A schedule must meet all given conditions.',
  fields: (t) => ({
    kind: t.field({ type: WorkKind, description: 'Only schedules that build this.' }),
    isPaused: t.boolean({ description: 'True: only those that are paused; false: only the others.' }),
  }),
})

const order: ListOrder<Parent, string> = {
  name: 'schedule',
  keyOf: ({ row }) => row.job,
  parseKey: (text) => text,
}

builder.queryFields((t) => ({
  schedule: t.field({
    type: Schedule,
    nullable: true,
    description: 'The schedule of a job; null: it has none.',
    args: { job: t.arg.string({ required: true, description: 'Name of the job.' }) },
    async resolve(_root, { job }, context) {
      markVolatile(context)
      const row = await context.db.schedule.findUnique({ where: { job } })
      return row && toSchedule(row)
    },
  }),
  schedules: t.connection(
    {
      type: Schedule,
      nullable: true,
      description: 'What is built, and when: by the names of jobs.',
      args: { filter: t.arg({ type: ScheduleFilterInput, description: 'Which schedules to list.' }) },
      complexity: pageCost,
      async resolve(_root, args, context) {
        markVolatile(context)
        const { db } = context
        const page = parsePage(args, order)
        const filter = args.filter ?? {}
        const rows = await findSchedules(db, filter, page)
        return {
          ...toConnection(rows.map(toSchedule), page, order),
          totalCount: () => countSchedules(db, filter),
        }
      },
    },
    ScheduleConnection,
  ),
}))
