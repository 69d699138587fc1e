import { queryFromInfo } from '@pothos/plugin-prisma'
import { Build } from '../builds/build.graphql.ts'
import { findBuilds, type BuildSelection } from '../builds/load-builds.graphql.ts'
import type { Build as BuildRow } from '../generated/prisma/client.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import type { JobId, PlatformId } from '../ids.ts'
import { Platform, type PlatformRow } from '../platforms/platform.graphql.ts'
import { Job } from './job.graphql.ts'
import { loadPlatformsOfJob } from './load-platforms-of-job.ts'

type NewestOnPlatform = { platform: PlatformRow; newestBuild: BuildRow; newestSuccess: BuildRow | null }

const JobPlatformRef = builder.objectRef<NewestOnPlatform>('JobPlatform')

const JobPlatform = builder.node(JobPlatformRef, {
  description: 'Newest builds of a job on one platform.',
  id: {
    resolve: ({ platform, newestBuild }) => `${newestBuild.jobId}:${platform.id}`,
    description: 'Global id, for `node`.',
  },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'platform' in value && 'newestSuccess' in value,
  async loadMany(ids, { db }) {
    const keys = ids.flatMap((id) => parseId(id) ?? [])
    const found = await db.jobPlatform.findMany({
      where: { OR: keys },
      include: { platform: true, newestBuild: true, newestSuccess: true },
    })
    const byId = new Map(found.map((row) => [`${row.jobId}:${row.platformId}`, row]))
    return ids.map((id) => byId.get(id) ?? null)
  },
  fields: (t) => ({
    platform: t.field({
      type: Platform,
      description: 'The platform.',
      resolve: ({ platform }) => platform,
    }),
    newestBuild: t.field({
      type: Build,
      description: 'The newest build by its start, whatever its result.',
      resolve: ({ newestBuild }) => newestBuild,
    }),
    newestSuccess: t.field({
      type: Build,
      nullable: true,
      description: 'The newest successful build. Null if no build succeeded.',
      resolve: ({ newestSuccess }) => newestSuccess,
    }),
  }),
})

/** The key in a global id. */
function parseId(id: string): { jobId: JobId; platformId: PlatformId } | null {
  const [, jobId, platformId] = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(id) ?? []
  return jobId === undefined || platformId === undefined
    ? null
    : { jobId: Number(jobId) as JobId, platformId: Number(platformId) as PlatformId }
}

/**
 * Reads the newest build and the newest success of each job and platform. Both have the same selection,
 * because they are mostly the same build, which is then read once. The rows contain values instead of
 * promises: resolving hundreds of promises takes longer than reading the values.
 */
async function loadStandings(
  context: Context,
  selection: BuildSelection,
  jobIds: readonly JobId[],
): Promise<Map<JobId, NewestOnPlatform[]>> {
  const ofJobs = await Promise.all(jobIds.map((id) => loadPlatformsOfJob(context, id)))
  const rows = ofJobs.flatMap(({ platforms }) => platforms)
  const ids = rows.flatMap(({ newestBuildId, newestSuccessId }) =>
    newestSuccessId === null ? [newestBuildId] : [newestBuildId, newestSuccessId],
  )
  const builds = await findBuilds(context, selection, [...new Set(ids)])
  const byId = new Map(builds.map((build) => [build.id, build]))
  const standings = new Map<JobId, NewestOnPlatform[]>(jobIds.map((id) => [id, []]))
  for (const { jobId, platformId, platformName, newestBuildId, newestSuccessId } of rows) {
    const newestBuild = byId.get(newestBuildId)
    if (!newestBuild) throw new Error(`build ${newestBuildId} is missing`)
    const newestSuccess = newestSuccessId === null ? null : (byId.get(newestSuccessId) ?? null)
    const platform = { id: platformId, name: platformName }
    standings.get(jobId)?.push({ platform, newestBuild, newestSuccess })
  }
  return standings
}

builder.prismaObjectField(Job, 'standings', (t) =>
  t.field({
    type: [JobPlatform],
    description: 'Newest builds of the job on each of its `platforms`, ordered by platform name.',
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: async (job, _args, context, info) => {
      const paths = [['newestBuild'], ['newestSuccess']]
      const selection = queryFromInfo({ context, info, typeName: 'Build', paths })
      const standings = await batchByField(context, info, null, job.id, (ids) =>
        loadStandings(context, selection, ids),
      )
      return standings ?? []
    },
  }),
)
