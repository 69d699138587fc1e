import { builder } from '../graphql/builder.ts'
import type { Period, ReproducePolicy, RunLimits, Work } from './definition.ts'

export const WorkKind = builder.enumType('WorkKind', {
  description: 'What a schedule builds.',
  values: {
    SCRIPT: { description: 'A script, on one platform.' },
    OPAM_PACKAGE: { description: 'An opam package, by the template of each platform.' },
  } satisfies Record<Work['kind'], object>,
})

export const SchedulePeriod = builder.enumType('SchedulePeriod', {
  description: 'When a schedule queues its job.',
  values: {
    HOURLY: { description: 'Every hour.' },
    DAILY: { description: 'Every 24 hours.' },
    WEEKLY: { description: 'Every seven days.' },
    NEVER: { description: 'Once when it is added, and then only when somebody asks.' },
    CRON: { description: 'By a cron expression.' },
  } satisfies Record<Period, object>,
})

export const RunLimitsType = builder.objectRef<RunLimits>('RunLimits').implement({
  description: "What a run may use. The hub's own workers keep to it; builder-worker does not.",
  fields: (t) => ({
    allowsNetwork: t.exposeBoolean('allowsNetwork', { description: 'Whether it reaches the network.' }),
    memoryBytes: t.expose('memoryBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Null: no limit.',
    }),
    diskBytes: t.expose('diskBytes', { type: 'ByteSize', nullable: true, description: 'Null: no limit.' }),
    cpus: t.exposeFloat('cpus', { nullable: true, description: 'Processors. Null: no limit.' }),
  }),
})

export const ReproducePolicyType = builder.objectRef<ReproducePolicy>('ReproducePolicy').implement({
  description: 'How often an output is to be built.',
  fields: (t) => ({
    times: t.exposeInt('times', { description: 'Builds in all, with the first one.' }),
    anyPlatform: t.boolean({
      description: 'On any platform with a worker, on another one if possible.',
      resolve: ({ platforms }) => platforms === 'any',
    }),
    platforms: t.stringList({
      nullable: true,
      description: 'Names of the platforms. Null: any, or all that the job is built on.',
      resolve: ({ platforms }) => (Array.isArray(platforms) ? platforms : null),
    }),
    within: t.exposeString('within', { description: 'Later, it is not worth it: `7d`, `12h`.' }),
  }),
})
