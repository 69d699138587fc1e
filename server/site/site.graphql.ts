import { builder } from '../graphql/builder.ts'

/** Nothing of it is stored: each field asks for itself. */
const Site = builder.objectRef<Record<string, never>>('Site').implement({
  description: 'The hub at a glance.',
  fields: (t) => ({
    jobCount: t.int({
      description: 'How many jobs there are.',
      resolve: (_site, _args, { db }) => db.job.count(),
    }),
    platformCount: t.int({
      description: 'How many platforms there are.',
      resolve: (_site, _args, { db }) => db.platform.count(),
    }),
    buildCount: t.int({
      description: 'How many builds there are.',
      resolve: async (_site, _args, { db }) => {
        const { _sum } = await db.jobPlatform.aggregate({ _sum: { succeededCount: true, failedCount: true } })
        return (_sum.succeededCount ?? 0) + (_sum.failedCount ?? 0)
      },
    }),
    failingJobCount: t.int({
      description: 'How many jobs have a platform whose newest build failed.',
      resolve: (_site, _args, { db }) =>
        db.job.count({ where: { platforms: { some: { newestBuild: { status: 'FAILED' } } } } }),
    }),
    lastUploadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the latest build was received; null when there is none.',
      resolve: async (_site, _args, { db }) => {
        const latest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { receivedAt: true } })
        return latest?.receivedAt ?? null
      },
    }),
    expiredJobsDays: t.int({
      description: 'How many days old the newest success of a job on the home page may be; 0: any age.',
      resolve: (_site, _args, { config }) => config.expiredJobsDays,
    }),
  }),
})

builder.queryField('site', (t) =>
  t.field({ type: Site, description: 'The hub at a glance.', complexity: 10, resolve: () => ({}) }),
)
