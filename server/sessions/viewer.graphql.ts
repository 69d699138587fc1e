import { builder } from '../graphql/builder.ts'
import { RightEnum, RoleEnum } from '../users/role.graphql.ts'
import type { Credential, Viewer } from '../users/viewer.ts'

const CredentialKind = builder.enumType('CredentialKind', {
  description: 'How a viewer has shown who it is.',
  values: {
    PASSWORD: { value: 'password', description: 'By a password in the request.' },
    TOKEN: { value: 'token', description: 'By a token.' },
    SESSION: { value: 'session', description: 'By the cookie of a browser in which the user has signed in.' },
  } satisfies Record<string, { value: Credential['kind']; description: string }>,
})

export const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'The user who sends the request, and what this request may do.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the user.' }),
    role: t.expose('role', { type: RoleEnum, description: 'What the user is.' }),
    rights: t.field({
      type: [RightEnum],
      description: 'What this request may do: the rights of the role that the credential has, too.',
      resolve: ({ rights }) => [...rights],
    }),
    credential: t.field({
      type: CredentialKind,
      description: 'How the user has shown who it is.',
      resolve: ({ credential }) => credential.kind,
    }),
    hasSecondFactor: t.boolean({
      description: 'Signing in needs a code, too.',
      resolve: async ({ id }, _args, { db }) => {
        const user = await db.user.findUnique({ where: { id }, select: { totpSecret: true } })
        return user?.totpSecret != null
      },
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'The user who sends the request; null: nobody who has signed in.',
    resolve: (_root, _args, context) => context.viewer(),
  }),
)
