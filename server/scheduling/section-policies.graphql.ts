import DataLoader from 'dataloader'
import { resultOf } from '../admin/refusals.graphql.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { perOperation } from '../per-operation.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { markVolatile } from '../volatile.ts'
import { ReproducePolicyType } from './definition.graphql.ts'
import { InvalidScheduleError, SectionPolicyNotFoundError } from './errors.ts'
import { ReproducePolicyInput, reproduceOf } from './schedule-arguments.graphql.ts'
import { schedulingAct } from './scheduling-act.ts'
import {
  findSectionPolicies,
  listSectionPolicies,
  mostSectionPolicies,
  removeSectionPolicy,
  setSectionPolicy,
  type SectionPolicy,
} from './section-policies.ts'

export const SectionPolicyType = builder.objectRef<SectionPolicy>('SectionPolicy').implement({
  description:
    'How often the outputs of the jobs of a section are built, where the schedule of a job does not say it.',
  fields: (t) => ({
    section: t.exposeString('section', {
      description: 'The heading on the home page; `Uncategorized`: jobs without one.',
    }),
    reproduce: t.expose('reproduce', {
      type: ReproducePolicyType,
      description: 'How often an output is to be built.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was set.' }),
  }),
})

/** By the name of a job. */
export const sectionPolicyOf = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, SectionPolicy | null>(async (jobs) => {
      const policies = await findSectionPolicies(db, jobs)
      return jobs.map((job) => policies.get(job) ?? null)
    }),
)

builder.queryFields((t) => ({
  sectionPolicies: t.field({
    type: [SectionPolicyType],
    description: `How often the outputs of the jobs of sections are built, by section: ${mostSectionPolicies} at most.`,
    complexity: batchPrice,
    async resolve(_root, _args, context) {
      markVolatile(context)
      return listSectionPolicies(context.db)
    },
  }),
}))

builder.mutationFields((t) => {
  const section = () =>
    t.arg.string({
      required: true,
      description: 'The heading on the home page; `Uncategorized`: jobs without one.',
    })
  return {
    setSectionPolicy: t.field({
      type: SectionPolicyType,
      nullable: true,
      description: 'Say how often the outputs of the jobs of a section are built from now on.',
      args: {
        section: section(),
        reproduce: t.arg({
          type: ReproducePolicyInput,
          required: true,
          description: 'What is absent stays, or has its default.',
        }),
      },
      errors: {
        types: [NotAuthorizedError, InvalidScheduleError],
        ...resultOf('SetSectionPolicy', 'The policy counts from now on.', 'policy', 'The policy.'),
      },
      resolve: async (_root, { section, reproduce }, context) =>
        setSectionPolicy(context, await schedulingAct(context), {
          section,
          reproduce: reproduceOf(reproduce),
        }),
    }),
    removeSectionPolicy: t.string({
      nullable: true,
      description: 'Remove the policy of a section. Schedules with a policy of their own keep it.',
      args: { section: section() },
      errors: {
        types: [NotAuthorizedError, SectionPolicyNotFoundError],
        ...resultOf('RemoveSectionPolicy', 'The policy is removed.', 'section', 'The section.'),
      },
      resolve: async (_root, { section }, context) => {
        await removeSectionPolicy(context, await schedulingAct(context), { section })
        return section
      },
    }),
  }
})
