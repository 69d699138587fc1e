import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { Build, Verdict } from '../builds/build.graphql.ts'
import { loadBuild, loadBuilds } from '../builds/load-builds.graphql.ts'
import { loadOutput } from '../builds/load-reproducibility.graphql.ts'
import { verdictOf } from '../builds/verdict.ts'
import { batchByField } from '../graphql/batch.ts'
import { passTurn } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice, pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId, JobId } from '../ids.ts'
import { gradeOf } from '../policy/grade.ts'
import { Grade } from '../policy/grade.graphql.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { perOperation } from '../per-operation.ts'
import { inSlices, parametersPerStatement, rowsPerTurn } from '../slices.ts'
import { byNewest, formatStartCursor, parseStartCursor, type StartCursor } from '../start-cursor.ts'
import { allPlatforms } from '../facts/job-outputs.ts'
import { Job } from './job.graphql.ts'
import { countOutputs, findNewestOfOutputs, findOutputKeys, type OutputKey } from './list-outputs.ts'

type OutputOfJob = Pick<OutputKey, 'jobId' | 'sha256'>

const newestIdsLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<OutputOfJob, BuildId[], string>((outputs) => findNewestOfOutputs(db, outputs), {
      cacheKeyFn: ({ jobId, sha256 }) => `${jobId} ${sha256}`,
      maxBatchSize: parametersPerStatement / 2,
    }),
)

/** No content has this hash. */
const noHash = '0'.repeat(64)

/** The key in a global id. A text that is no id gives a key that no output has. */
function parseOutputId(id: string) {
  const [, jobId = '0', scope = '0', sha256 = noHash] =
    /^([1-9]\d{0,8}):(\d{1,9}):([0-9a-f]{64})$/.exec(id) ?? []
  return { jobId: Number(jobId) as JobId, scope: Number(scope), sha256 }
}

export const JobOutput = builder.prismaNode('JobOutput', {
  description: 'One distinct main binary of a job, with all builds that produced it.',
  id: {
    resolve: ({ jobId, scope, sha256 }) => `${jobId}:${scope}:${sha256}`,
    description:
      'Global id, for `node`. An output has one id in the list of all platforms, and another in the list of each platform.',
  },
  findUnique: (id) => ({ jobId_scope_sha256: parseOutputId(id) }),
  nullable: true,
  fields: (t) => ({
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of the main binary.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of the main binary.' }),
    buildCount: t.exposeInt('buildCount', {
      description: 'Number of builds that produced this main binary, on the platforms of the list.',
    }),
    verdict: t.field({
      type: Verdict,
      description:
        'Verdict over all builds with this main binary. `REPRODUCED`: several builds produced it. `NOT_REPRODUCIBLE`: builds with one of the same inputs also produced another main binary. `UNCONFIRMED`: one build produced it.',
      resolve: async ({ sha256 }, _args, context) => verdictOf(await loadOutput(context, sha256)),
    }),
    grade: t.field({
      type: Grade,
      description: 'The same in words: who has repeated it.',
      resolve: async ({ sha256 }, _args, context) => {
        const output = await loadOutput(context, sha256)
        return gradeOf(verdictOf(output), output)
      },
    }),
    firstStartedAt: t.expose('firstStartedAt', {
      type: 'DateTime',
      description: 'When the earliest of its builds started.',
    }),
    newestStartedAt: t.expose('lastStartedAt', {
      type: 'DateTime',
      description: 'When the newest of its builds started.',
    }),
    firstBuild: t.field({
      type: Build,
      description: 'The build with this main binary that started first.',
      resolve: ({ firstBuildId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), firstBuildId),
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The build with this main binary that started last.',
      resolve: ({ lastBuildId }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), lastBuildId),
    }),
    newestBuilds: t.field({
      type: [Build],
      description: `The newest build with this main binary on each platform of the list, ordered by platform name; of more than ${mostPlatforms} platforms, those whose builds were stored last.`,
      complexity: { field: batchPrice, multiplier: 4 },
      resolve: async ({ jobId, scope, sha256, lastBuildId }, _args, context, info) => {
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        const ids =
          scope === allPlatforms ? await newestIdsLoader(context).load({ jobId, sha256 }) : [lastBuildId]
        return loadBuilds(context, selection, ids)
      },
    }),
  }),
})

const JobOutputConnection = builder.connectionObject(
  {
    type: JobOutput,
    name: 'JobOutputConnection',
    description: 'A page of outputs, the one built last first.',
  },
  { name: 'JobOutputEdge', description: 'An output in a list.' },
)

type Placed = { lastStartedAt: Date; lastBuildId: BuildId }

const place = ({ lastStartedAt, lastBuildId }: Placed): StartCursor => ({
  startedAt: lastStartedAt,
  id: lastBuildId,
})

const outputOrder: ListOrder<Placed, StartCursor> = {
  name: 'output',
  keyOf: (output) => formatStartCursor(place(output)),
  parseKey: parseStartCursor,
}

builder.prismaObjectField(Job, 'outputs', (t) =>
  t.connection(
    {
      type: JobOutput,
      description:
        'Distinct main binaries of the job, each with its builds. The most recently built main binary comes first.',
      args: { platform: t.arg.string({ description: 'Only builds on this platform.' }) },
      complexity: pageCost,
      resolve: async (job, args, context, info) => {
        const page = parsePage(args, outputOrder)
        const platform = args.platform ?? null
        const selection = queryFromInfo({
          context,
          info,
          typeName: 'JobOutput',
          paths: [['edges', 'node'], ['nodes']],
        })
        const connection = await batchByField(context, info, args, job.id, async (jobIds) => {
          const keys = await findOutputKeys(context.db, jobIds, platform, page)
          const wanted = new Set(keys.map(({ jobId, sha256 }) => `${jobId} ${sha256}`))
          // The query filters by single columns, and this code by pairs: a condition for each pair would exceed the
          // maximum number of parameters. All keys have one scope.
          const found = await inSlices(
            keys,
            rowsPerTurn,
            (slice) =>
              context.db.jobOutput.findMany({
                ...selection,
                where: {
                  jobId: { in: [...new Set(slice.map(({ jobId }) => jobId))] },
                  scope: { in: [...new Set(slice.map(({ scope }) => scope))] },
                  sha256: { in: slice.map(({ sha256 }) => sha256) },
                },
              }),
            () => passTurn(context),
          )
          const outputs = found
            .filter(({ jobId, sha256 }) => wanted.delete(`${jobId} ${sha256}`))
            .toSorted((left, right) => byNewest(place(left), place(right)))
          const ofJobs = groupBy(outputs, ({ jobId }) => jobId)
          return new Map(jobIds.map((id) => [id, toConnection(ofJobs.get(id) ?? [], page, outputOrder)]))
        })
        if (!connection) throw new Error(`job ${job.name} got no list of outputs`)
        const totalCount = async () => {
          const count = await batchByField(context, info, { totalCount: platform }, job.id, (jobIds) =>
            countOutputs(context.db, jobIds, platform),
          )
          return count ?? 0
        }
        return { ...connection, totalCount }
      },
    },
    JobOutputConnection,
  ),
)
