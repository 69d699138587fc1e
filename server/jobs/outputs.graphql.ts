import { queryFromInfo } from '@pothos/plugin-prisma'
import { batchByField } from '../graphql/batch.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import { byNewest, formatStartCursor, parseStartCursor, type StartCursor } from '../start-cursor.ts'
import { allPlatforms } from '../uploads/note-output.ts'
import { Job } from './job.graphql.ts'
import { findOutputKeys, findScope } from './list-outputs.ts'

const JobOutput = builder.prismaObject('JobOutput', {
  description: 'A distinct main binary of a job: all builds that gave it, taken together.',
  fields: (t) => ({
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of the main binary.' }),
    size: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of the main binary.' }),
    buildCount: t.exposeInt('buildCount', { description: 'How many builds of the job gave it.' }),
    firstBuild: t.relation('firstBuild', { description: 'The earliest of them, by its start.' }),
    lastBuild: t.relation('lastBuild', { description: 'The newest of them, by its start.' }),
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
      description: 'Its builds grouped by distinct main binary, the one that was built last first.',
      args: { platform: t.arg.string({ description: 'Only builds on this platform.' }) },
      complexity: pageCost,
      resolve: async (job, args, context, info) => {
        const page = parsePage(args, outputOrder)
        const scope = args.platform == null ? allPlatforms : await findScope(context.db, args.platform)
        const selection = queryFromInfo({
          context,
          info,
          typeName: 'JobOutput',
          paths: [['edges', 'node'], ['nodes']],
        })
        const connection = await batchByField(context, info, args, job.id, async (jobIds) => {
          const keys = scope === null ? [] : await findOutputKeys(context.db, jobIds, scope, page)
          const found = await context.db.jobOutput.findMany({
            ...selection,
            where: { scope: scope ?? -1, OR: keys.map(({ jobId, sha256 }) => ({ jobId, sha256 })) },
          })
          const outputs = found.toSorted((left, right) => byNewest(place(left), place(right)))
          return new Map(
            jobIds.map((id) => {
              const own = outputs.filter(({ jobId }) => jobId === id)
              return [id, toConnection(own, page, outputOrder)]
            }),
          )
        })
        if (!connection) throw new Error(`job ${job.name} got no list of outputs`)
        const totalCount = () =>
          scope === null ? 0 : context.db.jobOutput.count({ where: { jobId: job.id, scope } })
        return { ...connection, totalCount }
      },
    },
    JobOutputConnection,
  ),
)
