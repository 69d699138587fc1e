import { queryFromInfo } from '@pothos/plugin-prisma'
import { BuildConnection, buildArguments } from '../builds/build-lists.graphql.ts'
import { Build, BuildStatus } from '../builds/build.graphql.ts'
import { listOrders } from '../builds/list-orders.graphql.ts'
import { loadBuildConnections, selectBuildNodes } from '../builds/load-builds.graphql.ts'
import { countBuildsOfJobs } from '../builds/list-builds.ts'
import { compareBytes } from '../compare-bytes.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { badInput } from '../graphql/bad-input.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import {
  batchCost,
  batchPrice,
  checkLookUps,
  lookUpCost,
  maxPageSize,
  pageCost,
  parsePage,
  toConnection,
  type ListOrder,
} from '../graphql/connection.ts'
import type { GraphQLResolveInfo } from 'graphql'
import { jobPath } from '../paths.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { inSlices, rowsPerTurn } from '../slices.ts'
import {
  countJobs,
  countJobsOnPlatforms,
  findJobIds,
  findJobIdsOnPlatforms,
  maxActiveDays,
  type JobFilter,
} from './list-jobs.ts'
import { loadPlatformsOfJob } from './load-platforms-of-job.ts'
import { findNewestBuildIds } from './newest-build.ts'
import { Readme } from './readme.graphql.ts'

export const Job = builder.prismaNode('Job', {
  description: 'A recipe that is built again and again: an opam package or a MirageOS unikernel.',
  id: { field: 'name', description: 'Global id, for `node`.' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its unique name, as in URLs.' }),
    section: t.string({
      nullable: true,
      description:
        'Heading under which the job is listed: what an administrator has chosen, or else what its builds name. Null if there is neither.',
      select: { section: true, operatorSection: true },
      resolve: ({ section, operatorSection }) => operatorSection ?? section,
    }),
    chosenSection: t.exposeString('operatorSection', {
      nullable: true,
      description: 'The heading that an administrator has chosen. Null if there is none.',
    }),
    isHidden: t.exposeBoolean('isHidden', {
      description:
        'Whether an administrator has hidden the job: lists of jobs, the home page and searches leave it out. Its own pages, and lists of builds, stay.',
    }),
    synopsis: t.exposeString('synopsis', {
      nullable: true,
      description: 'Description of the job in one line. Null if its builds contain none.',
    }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'Description of the job in one or more paragraphs. Null if its builds contain none.',
    }),
    readme: t.field({
      type: Readme,
      nullable: true,
      description: 'The README of the job. Null if no build contains a README.md.',
      resolve: ({ readmeSha256 }) => (readmeSha256 === null ? null : { sha256: readmeSha256 }),
    }),
    platforms: t.field({
      type: [Platform],
      description: `The platforms that it was built on, ordered by name; of more than ${mostPlatforms} platforms, those whose newest builds were stored last.`,
      complexity: { field: batchPrice, multiplier: 4 },
      resolve: async ({ id }, _args, context) => {
        const { platforms } = await loadPlatformsOfJob(context, id)
        return platforms.map(({ platformId, platformName }) => ({ id: platformId, name: platformName }))
      },
    }),
    platformCount: t.int({
      description: 'Number of all platforms that it was built on.',
      complexity: batchPrice,
      resolve: async ({ id }, _args, context) => (await loadPlatformsOfJob(context, id)).count,
    }),
    newestBuild: t.field({
      type: Build,
      nullable: true,
      description: 'The newest build by its start; null when there is none.',
      args: {
        platform: t.arg.string({ description: 'Only builds on this platform.' }),
        status: t.arg({ type: BuildStatus, description: 'Only builds that succeeded, or failed.' }),
      },
      resolve: (job, args, context, info) => {
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        return batchByField(context, info, args, job.id, async (ids) => {
          const newest = await findNewestBuildIds(context.db, ids, args)
          const builds = await context.db.build.findMany({
            ...selection,
            where: { id: { in: [...newest.values()] } },
          })
          return new Map(builds.map((build) => [build.jobId, build]))
        })
      },
    }),
    builds: t.connection(
      {
        type: Build,
        description: 'Its builds, newest first by their start, or last received first.',
        args: buildArguments.Job,
        complexity: pageCost,
        resolve: async (job, args, context, info) => {
          const order = args.order ?? 'STARTED'
          const page = parsePage(args, listOrders[order])
          const { platform, status, verdict, isDisputed, since, until, receivedSince } = args
          const filter = { platform, status, verdict, isDisputed, since, until, receivedSince }
          const selection = selectBuildNodes(context, info)
          const connection = await batchByField(context, info, args, job.id, (ids) =>
            loadBuildConnections(context, selection, 'Job', ids, filter, page, order),
          )
          if (!connection) throw new Error(`job ${job.name} got no list of builds`)
          const totalCount = async () => {
            const count = await batchByField(context, info, { totalCount: filter }, job.id, (ids) =>
              countBuildsOfJobs(context.db, ids, filter),
            )
            return count ?? 0
          }
          return { ...connection, totalCount }
        },
      },
      BuildConnection,
    ),
    url: t.field({
      type: 'URL',
      description: 'The page of this job.',
      resolve: ({ name }, _args, { siteUrl }) => siteUrl + jobPath(name),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      resolve: ({ name }) => jobPath(name),
    }),
  }),
})

export const JobConnection = builder.connectionObject(
  { type: Job, name: 'JobConnection', description: 'A page of jobs, by name.' },
  { name: 'JobEdge', description: 'A job in a list.' },
)

const jobOrder: ListOrder<{ name: string }, string> = {
  name: 'job',
  keyOf: ({ name }) => name,
  parseKey: (text) => text,
}

/** Longer than any name or synopsis that somebody looks for. */
const maxSearchLength = 200

function selectJobNodes(context: Context, info: GraphQLResolveInfo) {
  return queryFromInfo({ context, info, typeName: 'Job', paths: [['edges', 'node'], ['nodes']] })
}

/** The jobs that match a filter, as a connection. */
export async function listJobs(
  args: Parameters<typeof parsePage>[0],
  filter: JobFilter,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const page = parsePage(args, jobOrder)
  const now = context.clock.now()
  const { search } = filter
  if (search != null && search.length > maxSearchLength)
    throw badInput(`search has ${search.length} characters: at most ${maxSearchLength} are allowed`)
  const days = filter.activeWithinDays
  if (days != null && (days < 1 || days > maxActiveDays)) {
    throw badInput(`activeWithinDays must be between 1 and ${maxActiveDays}, not ${days}`)
  }
  const ids = await findJobIds(context.db, filter, page, now)
  const jobs = await context.db.job.findMany({
    ...selectJobNodes(context, info),
    where: { id: { in: ids } },
    orderBy: { name: 'asc' },
  })
  return { ...toConnection(jobs, page, jobOrder), totalCount: () => countJobs(context.db, filter, now) }
}

const JobFilterInput = builder.inputType('JobFilter', {
  description: 'Filter for jobs. A job must meet all given conditions.',
  fields: (t) => ({
    search: t.string({
      description: `Text that the name or the synopsis contains, regardless of ASCII case. At most ${maxSearchLength} characters.`,
    }),
    section: t.string({ description: 'Only jobs of this section.' }),
    hasSection: t.boolean({ description: 'True: only jobs with a section. False: only jobs without one.' }),
    platform: t.string({ description: 'Name of a platform that it was built on.' }),
    recent: t.boolean({
      description:
        'Only jobs that are not expired. True is the same as `activeWithinDays` with the value of `Site.expiredJobsDays`.',
    }),
    activeWithinDays: t.int({
      description:
        'Only jobs with a build that exited 0 or has a main binary, and that started within this number of days: 1 to 36,500.',
    }),
  }),
})

builder.queryFields((t) => ({
  job: t.prismaField({
    type: Job,
    nullable: true,
    description: 'The job with this name.',
    args: { name: t.arg.string({ required: true, description: 'Its name, exactly.' }) },
    resolve: (query, _root, { name }, { db }) => db.job.findUnique({ ...query, where: { name } }),
  }),
  jobsByName: t.field({
    type: [Job],
    nullable: { list: true, items: true },
    description: 'The jobs with these names, in the order of the names. Null for each name without a job.',
    args: {
      names: t.arg.stringList({
        required: true,
        description: `Names of jobs, exactly; at most ${maxPageSize}.`,
      }),
    },
    complexity: ({ names }) => lookUpCost(names),
    resolve: async (_root, { names }, context, info) => {
      checkLookUps('names', names)
      const selection = queryFromInfo({ context, info, typeName: 'Job' })
      const found = await context.db.job.findMany({ ...selection, where: { name: { in: names } } })
      const byName = new Map(found.map((job) => [job.name, job]))
      return names.map((name) => byName.get(name) ?? null)
    },
  }),
  jobs: t.connection(
    {
      type: Job,
      nullable: true,
      description: 'Jobs by name, without hidden ones.',
      args: { filter: t.arg({ type: JobFilterInput, description: 'Which jobs to list.' }) },
      complexity: pageCost,
      resolve: (_root, args, context, info) => {
        const { recent, ...filter } = args.filter ?? {}
        const recentDays = recent ? context.config.expiredJobsDays : 0
        return listJobs(args, { ...filter, recentDays }, context, info)
      },
    },
    JobConnection,
  ),
}))

builder.prismaObjectField(Platform, 'jobs', (t) =>
  t.connection(
    {
      type: Job,
      description: 'The jobs that were built on it, by name.',
      complexity: (args) => batchCost(pageCost(args)),
      resolve: async (platform, args, context, info) => {
        const page = parsePage(args, jobOrder)
        const selection = selectJobNodes(context, info)
        const connection = await batchByField(context, info, args, platform.id, async (ids) => {
          const found = await findJobIdsOnPlatforms(context.db, ids, page)
          const jobs = await inSlices(
            [...new Set([...found.values()].flat())],
            rowsPerTurn,
            (slice) => context.db.job.findMany({ ...selection, where: { id: { in: slice } } }),
            () => passTurn(context),
          )
          const byId = new Map(jobs.map((job) => [job.id, job]))
          return new Map(
            [...found].map(([id, jobIds]) => {
              const own = jobIds.flatMap((jobId) => byId.get(jobId) ?? [])
              return [
                id,
                toConnection(
                  own.toSorted((a, b) => compareBytes(a.name, b.name)),
                  page,
                  jobOrder,
                ),
              ]
            }),
          )
        })
        if (!connection) throw new Error(`platform ${platform.name} got no list of jobs`)
        const totalCount = async () => {
          const count = await batchByField(context, info, 'totalCount', platform.id, (ids) =>
            countJobsOnPlatforms(context.db, ids),
          )
          return count ?? 0
        }
        return { ...connection, totalCount }
      },
    },
    JobConnection,
  ),
)
