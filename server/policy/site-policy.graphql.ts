import { Administration } from '../admin/administration.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { describedPolicy, type DescribedPolicy } from './described-policy.ts'
import { countOutcomes, listVerdicts, type ListedVerdict, type OutcomeCount } from './list-verdicts.ts'
import { sitePolicy } from './site-policy.ts'
import { OutcomeType, Vote } from './trust.graphql.ts'

const maxVerdicts = 100

const Rule = builder.objectRef<DescribedPolicy['rules'][number]>('PolicyRule').implement({
  description: 'What outputs of jobs on platforms need to be trusted.',
  fields: (t) => ({
    jobs: t.stringList({
      description: 'Names of jobs, in which a `*` stands for any characters.',
      resolve: ({ jobs }) => jobs,
    }),
    platforms: t.stringList({
      description: 'Names of platforms, in which a `*` stands for any characters.',
      resolve: ({ platforms }) => platforms,
    }),
    groups: t.exposeInt('groups', { description: 'How many independent groups have to confirm them.' }),
    signed: t.exposeBoolean('signed', { description: 'Only signed statements count.' }),
  }),
})

const Exemption = builder.objectRef<DescribedPolicy['exemptions'][number]>('PolicyExemption').implement({
  description: 'Outputs that nobody has to confirm.',
  fields: (t) => ({
    job: t.exposeString('job', {
      description: 'Name of the job, in which a `*` stands for any characters.',
    }),
    platform: t.exposeString('platform', {
      description: 'Name of the platform, in which a `*` stands for any characters.',
    }),
    reason: t.exposeString('reason', { description: 'Why.' }),
  }),
})

const Policy = builder.objectRef<DescribedPolicy>('SitePolicy').implement({
  description: 'The policy of the site: which outputs are trusted.',
  fields: (t) => ({
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Of its file.' }),
    attesterCount: t.exposeInt('attesterCount', { description: 'How many users and keys it lists.' }),
    groupCount: t.exposeInt('groupCount', { description: 'How many groups these belong to.' }),
    rules: t.field({
      type: [Rule],
      description: 'Its rules. The first that is about a job and a platform counts.',
      resolve: ({ rules }) => rules,
    }),
    exemptions: t.field({
      type: [Exemption],
      description: 'What nobody has to confirm.',
      resolve: ({ exemptions }) => exemptions,
    }),
  }),
})

const Count = builder.objectRef<OutcomeCount>('TrustOutcomeCount').implement({
  description: 'How many outputs have an outcome.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: OutcomeType, description: 'The outcome.' }),
    count: t.exposeInt('count', { description: 'How many have it.' }),
  }),
})

const Verdict = builder.objectRef<ListedVerdict>('PolicyVerdict').implement({
  description: 'What the policy of the site says of a main binary of a job on a platform, and why.',
  fields: (t) => ({
    jobName: t.exposeString('job', { description: 'Name of the job.' }),
    platformName: t.exposeString('platform', { description: 'Name of the platform.' }),
    outcome: t.expose('outcome', { type: OutcomeType, description: 'The short answer.' }),
    judgedAt: t.expose('judgedAt', { type: 'DateTime', description: 'When it was found.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'What is missing, who disputes it, or why it is exempt. Null: nothing is to be said.',
    }),
    groups: t.exposeStringList('groups', {
      description: 'The independent groups that have confirmed it, sorted.',
    }),
    votes: t.expose('votes', {
      type: [Vote],
      description: 'The votes for it and against it, those that count first; at most 50.',
    }),
  }),
})

builder.objectFields(Administration, (t) => ({
  policy: t.field({
    type: Policy,
    nullable: true,
    description: 'The policy that says which outputs are trusted. Null: the site has none.',
    resolve(_admin, _args, { config }) {
      const policy = sitePolicy(config)
      return policy && describedPolicy(policy)
    },
  }),
  policyOutcomes: t.field({
    type: [Count],
    description: 'How many outputs have which outcome. Outcomes that none has are left out.',
    complexity: { field: batchPrice, multiplier: 1 },
    resolve: (_admin, _args, { db }) => countOutcomes(db),
  }),
  policyVerdicts: t.field({
    type: [Verdict],
    description: 'What the policy says of a main binary, by job and platform; at most 100.',
    args: { sha256: t.arg({ type: 'Sha256', required: true, description: 'Hash of the main binary.' }) },
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: (_admin, { sha256 }, { db }) => listVerdicts(db, sha256, maxVerdicts),
  }),
}))
