import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Build, loadBuild } from '../builds/build.graphql.ts'
import { badInput } from '../graphql/bad-input.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder, type Context } from '../graphql/builder.ts'
import type { BuildId, JobId } from '../ids.ts'
import { loadPlatform, Platform } from '../platforms/platform.graphql.ts'
import { Job } from './job.graphql.ts'
import { toHistories, type Change, type History, type Point, type Series } from './history.ts'
import { chooseGrains, maxSeries, readPoints } from './read-history.ts'

const defaultPoints = 120
const mostPoints = 400

const HistoryGrain = builder.enumType('HistoryGrain', {
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
    url: t.expose('url', {
      type: 'URL',
      description: 'The page that compares the two; for a whole history this is cheaper than the builds.',
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
    buildCount: t.exposeInt('buildCount', { description: 'How many builds there are; at least one.' }),
    failedCount: t.exposeInt('failedCount', { description: 'How many of them failed.' }),
    reproducedCount: t.exposeInt('reproducedCount', {
      description: 'How many of them have the verdict `REPRODUCED`.',
    }),
    notReproducibleCount: t.exposeInt('notReproducibleCount', {
      description: 'How many of them have the verdict `NOT_REPRODUCIBLE`.',
    }),
    unconfirmedCount: t.exposeInt('unconfirmedCount', {
      description: 'How many of them have the verdict `UNCONFIRMED`. The others gave no main binary.',
    }),
    size: t.expose('size', {
      type: 'ByteSize',
      nullable: true,
      description: 'Length of the newest main binary; null when none of them gave one.',
    }),
    minSize: t.expose('minSize', {
      type: 'ByteSize',
      nullable: true,
      description: 'Length of the shortest main binary.',
    }),
    maxSize: t.expose('maxSize', {
      type: 'ByteSize',
      nullable: true,
      description: 'Length of the longest main binary.',
    }),
    meanDurationMs: t.exposeFloat('meanDurationMs', {
      nullable: true,
      description:
        'Mean duration of the builds that succeeded, in ms; null when none did. What failed early says little of it.',
    }),
    minDurationMs: t.exposeFloat('minDurationMs', {
      nullable: true,
      description: 'Shortest duration of the builds that succeeded, in ms.',
    }),
    maxDurationMs: t.exposeFloat('maxDurationMs', {
      nullable: true,
      description: 'Longest duration of the builds that succeeded, in ms.',
    }),
    outputChanged: t.exposeBoolean('outputChanged', {
      description:
        'Whether they gave several main binaries, or another one than the point before. The first point of a range has none before it.',
    }),
    change: t.field({
      type: HistoryChange,
      nullable: true,
      description:
        'What to compare to see how the output changed; null when it did not, or is the same again, or there is no point before.',
      resolve: ({ change }) => change,
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The newest of them by its start.',
      resolve: ({ newestId }, _args, context, info) => loadById(context, info, newestId),
    }),
    url: t.expose('url', {
      type: 'URL',
      description: 'The page of that build; for a whole history this is cheaper than the builds.',
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
  description: 'How size, duration, result and verdict of a job developed.',
  fields: (t) => ({
    grain: t.field({
      type: HistoryGrain,
      description: 'What each point stands for: the finest that needs no more points than were asked for.',
      resolve: ({ grain }) => grain,
    }),
    platformCount: t.exposeInt('platformCount', {
      description: `How many platforms there are. At most ${maxSeries} have a series: those that were built on last.`,
    }),
    series: t.field({
      type: [HistorySeries],
      description: 'One for each platform, the one that was built on last first.',
      complexity: { field: 1, multiplier: 4 },
      resolve: ({ series }) => series,
    }),
  }),
})

builder.prismaObjectField(Job, 'history', (t) =>
  t.field({
    type: JobHistory,
    description:
      'Main binary size, duration, result and verdict of its builds over time, on each platform: single builds when they are few, else summed up by day, week or month.',
    args: {
      platform: t.arg.string({ description: 'Only builds on this platform.' }),
      since: t.arg({
        type: 'DateTime',
        description: 'Started at this time or later; a period of which a part is later counts as a whole.',
      }),
      until: t.arg({
        type: 'DateTime',
        description: 'Started before this time; a period of which a part is earlier counts as a whole.',
      }),
      maxPoints: t.arg.int({
        defaultValue: defaultPoints,
        description: `At most so many points for each platform, up to ${mostPoints}. When months are more, the newest are given.`,
      }),
    },
    // Points are priced by the default number; here is how that of this history differs.
    complexity: ({ maxPoints }) => ({ field: 1, multiplier: (maxPoints ?? defaultPoints) / defaultPoints }),
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
        const grains = await chooseGrains(context.db, jobIds, range)
        return toHistories(grains, await readPoints(context.db, grains, range))
      })
      if (!history) throw new Error(`job ${job.name} got no history`)
      return history
    },
  }),
)
