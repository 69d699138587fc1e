import { builder } from '../graphql/builder.ts'
import { readVersion } from './read-version.ts'
import { readSiteNumbers, type SiteNumbers } from './site-numbers.ts'

/** The numbers are read once, by the first field that asks for one. */
export const Site = builder.objectRef<{ numbers: () => Promise<SiteNumbers> }>('Site').implement({
  description: 'Totals and settings of this server.',
  fields: (t) => ({
    version: t.string({
      description: 'Version of Builder Hub that this server runs.',
      resolve: () => readVersion(),
    }),
    jobCount: t.int({
      description: 'How many jobs there are that are not hidden.',
      resolve: async ({ numbers }) => (await numbers()).jobCount,
    }),
    recentJobCount: t.int({
      description:
        'Number of jobs that are neither expired nor hidden: the jobs that `JobFilter.recent` lists.',
      resolve: async ({ numbers }) => (await numbers()).recentJobCount,
    }),
    platformCount: t.int({
      description: 'How many platforms there are.',
      resolve: async ({ numbers }) => (await numbers()).platformCount,
    }),
    buildCount: t.int({
      description: 'How many builds there are.',
      resolve: async ({ numbers }) => (await numbers()).buildCount,
    }),
    failingJobCount: t.int({
      description: 'How many jobs have a platform whose newest build failed.',
      resolve: async ({ numbers }) => (await numbers()).failingJobCount,
    }),
    newestUploadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the latest build was received; null when there is none.',
      resolve: async ({ numbers }) => (await numbers()).newestUploadAt,
    }),
    operatorName: t.string({
      nullable: true,
      description: 'Who runs this site. Null: nobody is named.',
      resolve: (_site, _args, { config }) => config.operatorName || null,
    }),
    operatorUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where they can be reached: an http, https or mailto address.',
      resolve: (_site, _args, { config }) => config.operatorUrl || null,
    }),
    expiredJobsDays: t.int({
      nullable: true,
      description:
        'Maximum age of the newest success of a job on the home page, in days. Null if jobs never expire.',
      resolve: (_site, _args, { config }) => config.expiredJobsDays || null,
    }),
  }),
})

builder.queryField('site', (t) =>
  t.field({
    type: Site,
    nullable: true,
    description: 'Totals and settings of this server.',
    complexity: 10,
    resolve: (_root, _args, { clock, config, db }) => {
      let numbers: Promise<SiteNumbers> | undefined
      return { numbers: () => (numbers ??= readSiteNumbers(db, clock.now(), config.expiredJobsDays)) }
    },
  }),
)
