import { builder } from '../graphql/builder.ts'
import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { maxPageSize } from '../graphql/connection.ts'
import { forecastPolicy, type JobForecast, type PolicyForecast } from '../retention/forecast-policy.ts'
import { readRetentionState, type RetentionState } from '../retention/read-retention-state.ts'
import { Administration } from './administration.graphql.ts'

const RetentionOfJob = builder.objectRef<JobForecast>('RetentionOfJob').implement({
  description: 'What retention would remove of a job.',
  fields: (t) => ({
    jobName: t.exposeString('job', { description: 'Name of the job.' }),
    buildCount: t.exposeInt('buildCount', {
      description: 'Number of its builds on the platforms that the policy is about.',
    }),
    removedCount: t.exposeInt('removedCount', { description: 'How many of them would be removed.' }),
    freedBytes: t.expose('freedBytes', {
      type: 'ByteSize',
      description:
        'Bytes that only builds to be removed refer to. What several jobs share counts for the first of them by name.',
    }),
  }),
})

const sumOf = ({ jobs }: PolicyForecast, key: 'removedCount' | 'freedBytes') =>
  jobs.reduce((sum, job) => sum + job[key], 0)

const RetentionForecast = builder.objectRef<PolicyForecast>('RetentionForecast').implement({
  description: 'What the policy would remove if it were applied now.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When that was.' }),
    removedCount: t.int({
      description: 'Number of builds that would be removed.',
      resolve: (forecast) => sumOf(forecast, 'removedCount'),
    }),
    freedBytes: t.field({
      type: 'ByteSize',
      description: 'Bytes that become free, within two days.',
      resolve: (forecast) => sumOf(forecast, 'freedBytes'),
    }),
    jobCount: t.int({
      description: 'Number of jobs of which builds would be removed.',
      resolve: ({ jobs }) => jobs.length,
    }),
    jobs: t.field({
      type: [RetentionOfJob],
      description: `These jobs, the most bytes first; at most ${maxPageSize}.`,
      resolve: ({ jobs }) => jobs.slice(0, maxPageSize),
    }),
    unknownBecause: t.exposeString('unknownBecause', {
      nullable: true,
      description: 'Why nothing is known now; null if the numbers are right.',
    }),
  }),
})

const Retention = builder.objectRef<RetentionState>('Retention').implement({
  description: 'Which builds are kept, and when the others are removed.',
  fields: (t) => ({
    file: t.exposeString('file', {
      nullable: true,
      description: 'File of the policy; null if there is none, so that all builds are kept.',
    }),
    policy: t.exposeString('text', {
      nullable: true,
      description: 'The policy, as JSON; null if there is none, or it has a fault.',
    }),
    fault: t.exposeString('fault', {
      nullable: true,
      description: 'What is wrong with the policy, so that nothing is removed; null if nothing is.',
    }),
    nextRunAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the policy is applied next; null if it never is, or runs now.',
      resolve: ({ file, task }) => (file !== null && task?.state === 'PENDING' ? task.dueAt : null),
    }),
    isRunning: t.boolean({
      description: 'Whether it is applied now.',
      resolve: ({ file, task }) => file !== null && task?.state === 'RUNNING',
    }),
    lastRunAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was applied last; null if it never was.',
      resolve: ({ file, task }) => (file !== null && task?.finishedAt) || null,
    }),
    error: t.field({
      type: 'String',
      nullable: true,
      description: 'Why it could not be applied last; null if it could.',
      resolve: ({ task }) => task?.error ?? null,
    }),
    forecast: t.field({
      type: RetentionForecast,
      nullable: true,
      description:
        'What it would remove now; null without a policy. Computing it looks at all builds: it takes seconds on a large site.',
      complexity: 5_000,
      resolve: ({ policy }, _args, context) =>
        policy && waitElsewhere(context, forecastPolicy(context, policy)),
    }),
  }),
})

builder.objectField(Administration, 'retention', (t) =>
  t.field({
    type: Retention,
    description: 'Which builds are kept, and when the others are removed.',
    resolve: (_admin, _args, { config, db }) => readRetentionState(config, db),
  }),
)
