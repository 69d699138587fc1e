import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Build } from '../builds/build.graphql.ts'
import { loadBuild } from '../builds/load-builds.graphql.ts'
import { badInput } from '../graphql/bad-input.ts'
import { batchByField } from '../graphql/batch.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import type { BuildId, JobId } from '../ids.ts'
import { loadPlatform, Platform } from '../platforms/platform.graphql.ts'
import { Job } from './job.graphql.ts'
import { toHistories, type Change, type History, type Point, type Series } from './history.ts'
import { chooseIntervals, maxSeries, readPoints } from './read-history.ts'

const defaultPoints = 120
const mostPoints = 400
/** Number of series that an operation pays for. All fields of `mostPoints` points must stay within its limit. */
const pricedSeries = 2

const HistoryInterval = builder.enumType('HistoryInterval', {
  description: 'What a point of a history stands for. All periods are in UTC.',
  values: {
    BUILD: { description: 'A single build.' },
    DAY: { description: 'All builds that started on a day.' },
    WEEK: { description: 'All builds that started within a week, from Monday.' },
    MONTH: { description: 'All builds that started within a month.' },
  },
})

function loadById(context: Context, info: GraphQLResolveInfo, id: BuildId) {
  return loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), id)
}

const HistoryChange = builder.objectRef<Change>('HistoryChange').implement({
  description: 'Two builds of a job on a platform, one after the other, with different main binaries.',
  fields: (t) => ({
    from: t.field({
      type: Build,
      description: 'The newest build with a main binary before this point.',
      resolve: ({ from }, _args, context, info) => loadById(context, info, from),
    }),
    to: t.field({
      type: Build,
      description: 'The newest build with a main binary of this point.',
      resolve: ({ to }, _args, context, info) => loadById(context, info, to),
    }),
    url: t.field({
      type: 'URL',
      description:
        'Page that compares the two builds. For many points this field costs less than `from` and `to`.',
      resolve: ({ path }, _args, { siteUrl }) => siteUrl + path,
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      resolve: ({ path }) => path,
    }),
  }),
})

const HistoryPoint = builder.objectRef<Point>('HistoryPoint').implement({
  description: 'One build, or all builds of a period.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', {
      type: 'DateTime',
      description: 'Start of the period; of a single build when it started.',
    }),
    endsAt: t.expose('endsAt', {
      type: 'DateTime',
      description: 'End of the period, exclusive; of a single build when it had finished.',
    }),
    buildCount: t.exposeInt('buildCount', { description: 'Number of builds; at least 1.' }),
    failedCount: t.exposeInt('failedCount', { description: 'Number of builds that failed.' }),
    reproducedCount: t.exposeInt('reproducedCount', {
      description: 'Number of builds with the verdict `REPRODUCED`.',
    }),
    notReproducibleCount: t.exposeInt('notReproducibleCount', {
      description: 'Number of builds with the verdict `NOT_REPRODUCIBLE`.',
    }),
    unconfirmedCount: t.exposeInt('unconfirmedCount', {
      description:
        'Number of builds with the verdict `UNCONFIRMED`. Builds without a main binary have the verdict `NO_OUTPUT` and are in none of the three verdict counts.',
    }),
    sizeBytes: t.expose('sizeBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Size of the newest main binary. Null if no build has a main binary.',
    }),
    minSizeBytes: t.expose('minSizeBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Size of the smallest main binary. Null if no build has a main binary.',
    }),
    maxSizeBytes: t.expose('maxSizeBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Size of the largest main binary. Null if no build has a main binary.',
    }),
    meanDurationMs: t.exposeFloat('meanDurationMs', {
      nullable: true,
      description: 'Mean duration of the successful builds, in milliseconds. Null if no build succeeded.',
    }),
    minDurationMs: t.exposeFloat('minDurationMs', {
      nullable: true,
      description: 'Shortest duration of the successful builds, in milliseconds. Null if no build succeeded.',
    }),
    maxDurationMs: t.exposeFloat('maxDurationMs', {
      nullable: true,
      description: 'Longest duration of the successful builds, in milliseconds. Null if no build succeeded.',
    }),
    outputChanged: t.exposeBoolean('outputChanged', {
      description:
        'Whether the main binary changed: the builds of this point have different main binaries, or the newest one differs from the newest main binary of the earlier points. Points before `since` are not considered.',
    }),
    change: t.field({
      type: HistoryChange,
      nullable: true,
      description:
        'The two builds to compare for this change of the main binary. Null if this point or all earlier points have no main binary, and if the newest main binary is the same as before, even if it changed in between.',
      resolve: ({ change }) => change,
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The build that started last.',
      resolve: ({ newestId }, _args, context, info) => loadById(context, info, newestId),
    }),
    url: t.field({
      type: 'URL',
      description: 'Page of `newestBuild`. For many points this field costs less than `newestBuild`.',
      resolve: ({ path }, _args, { siteUrl }) => siteUrl + path,
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      resolve: ({ path }) => path,
    }),
  }),
})

const HistorySeries = builder.objectRef<Series>('HistorySeries').implement({
  description: 'The history of a job on one platform.',
  fields: (t) => ({
    platform: t.field({
      type: Platform,
      description: 'The platform.',
      resolve: ({ platformId }, _args, context) => loadPlatform(context, platformId),
    }),
    points: t.field({
      type: [HistoryPoint],
      description: 'Earliest first. Periods without builds have no point.',
      complexity: { field: 1, multiplier: defaultPoints },
      resolve: ({ points }) => points,
    }),
  }),
})

const JobHistory = builder.objectRef<History>('JobHistory').implement({
  description: "Size, duration, result and verdict of a job's builds over time.",
  fields: (t) => ({
    interval: t.field({
      type: HistoryInterval,
      description:
        'Period that one point covers: the shortest period that needs no more than `maxPoints` points.',
      resolve: ({ interval }) => interval,
    }),
    platformCount: t.exposeInt('platformCount', {
      description: `Number of platforms. \`series\` holds at most ${maxSeries} of them: those with the newest builds.`,
    }),
    series: t.field({
      type: [HistorySeries],
      description: `One for each platform, at most ${maxSeries}. The platform whose newest build started last comes first. Priced as ${pricedSeries} series, or as one if \`platform\` is given.`,
      complexity: { field: 1, multiplier: pricedSeries },
      resolve: ({ series }) => series,
    }),
  }),
})

builder.prismaObjectField(Job, 'history', (t) =>
  t.field({
    type: JobHistory,
    description:
      "Main binary size, duration, result and verdict of the job's builds over time, on each platform. Few builds are listed one by one; many builds are grouped by day, week or month.",
    args: {
      platform: t.arg.string({ description: 'Only builds on this platform.' }),
      since: t.arg({
        type: 'DateTime',
        description:
          'Only builds that started at this time or later. Periods that overlap this bound are included whole.',
      }),
      until: t.arg({
        type: 'DateTime',
        description:
          'Only builds that started before this time. Periods that overlap this bound are included whole.',
      }),
      maxPoints: t.arg.int({
        defaultValue: defaultPoints,
        description: `Maximum number of points for each platform, 1 to ${mostPoints}. If there are more months than this, the oldest months are left out.`,
      }),
    },
    // The prices of series and points assume a number of each. This factor corrects it for the arguments.
    complexity: ({ maxPoints, platform }) => ({
      field: 1,
      multiplier: (maxPoints ?? defaultPoints) / defaultPoints / (platform == null ? 1 : pricedSeries),
    }),
    resolve: async (job, { platform, since, until, maxPoints }, context, info) => {
      const limit = maxPoints ?? defaultPoints
      if (limit < 1 || limit > mostPoints)
        throw badInput(`maxPoints must be between 1 and ${mostPoints}, not ${limit}`)
      const range = {
        platform: platform ?? null,
        since: since ?? null,
        until: until ?? null,
        maxPoints: limit,
      }
      const history = await batchByField(context, info, range, job.id, async (jobIds: readonly JobId[]) => {
        const intervals = await chooseIntervals(context.db, jobIds, range)
        return toHistories(intervals, await readPoints(context.db, intervals, range, () => passTurn(context)))
      })
      if (!history) throw new Error(`job ${job.name} got no history`)
      return history
    },
  }),
)
