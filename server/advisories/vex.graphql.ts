import { administrator } from '../admin/act.ts'
import { resultOf } from '../admin/refusals.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { VexJustificationEnum, VexStatusEnum } from './advisory-enums.graphql.ts'
import { setVex, VexError } from './set-vex.ts'

builder.objectType(VexError, {
  name: 'VexError',
  description: 'The statement about an advisory cannot be made so.',
  interfaces: [Refusal],
})

builder.mutationField('setVex', (t) =>
  t.string({
    nullable: true,
    description:
      'Say of an advisory whether it matters for builds of jobs, in place of what was said of the same jobs before.',
    args: {
      advisory: t.arg.string({ required: true, description: 'Id of the advisory.' }),
      jobs: t.arg.string({
        required: true,
        description: 'Name of the job; `*` stands for any characters.',
      }),
      status: t.arg({ type: VexStatusEnum, required: true, description: 'Whether the issue is one.' }),
      justification: t.arg({ type: VexJustificationEnum, description: 'Why it is none.' }),
      note: t.arg.string({ description: 'More, for everybody to read.' }),
    },
    errors: {
      types: [NotAuthorizedError, VexError],
      ...resultOf('SetVex', 'It is said.', 'advisory', 'Id of the advisory.'),
    },
    resolve: async (_root, { advisory, jobs, status, justification, note }, context) => {
      await setVex(context.writer, await administrator(context), {
        ...{ advisoryId: advisory, jobs, status },
        ...{ justification: justification ?? null, note: note ?? null },
      })
      return advisory
    },
  }),
)
