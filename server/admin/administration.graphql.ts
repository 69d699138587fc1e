import { builder } from '../graphql/builder.ts'

/** What only administrators see. Each file of this folder adds its part. */
export const Administration = builder.objectRef<{ mayChange: boolean }>('Administration').implement({
  description:
    'What only administrators see. Everything in it needs the right `admin:read`, which the role ADMIN and tokens with this scope have.',
  fields: (t) => ({
    mayChange: t.exposeBoolean('mayChange', {
      description: 'Whether the viewer has the right `admin`, which the mutations for administrators need.',
    }),
  }),
})

builder.queryField('admin', (t) =>
  t.field({
    type: Administration,
    nullable: true,
    description: 'What only administrators see. It needs the right `admin:read`.',
    resolve: async (_root, _args, { requireRight }) => {
      const { rights } = await requireRight('admin:read')
      return { mayChange: rights.has('admin') }
    },
  }),
)
