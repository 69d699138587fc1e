import { builder } from '../graphql/builder.ts'
import { RightEnum, RoleEnum } from '../users/role.graphql.ts'
import type { Credential, Viewer } from '../users/viewer.ts'
import { batchPrice } from '../graphql/connection.ts'
import { listSessions } from './list-sessions.ts'
import { isFresh } from './require-fresh-session.ts'
import { countRecoveryCodes } from './second-factor.ts'
import { Session } from './session.graphql.ts'

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
    signsInElsewhere: t.exposeBoolean('isFromIssuer', {
      description:
        'The user signs in at another site, by OpenID Connect: there the password and the second factor are. `GET /oidc/sign-in?again=true` takes the place of `signInAgain`.',
    }),
    hasSecondFactor: t.boolean({
      description: 'Signing in needs a code, too.',
      resolve: async ({ id }, _args, { db }) => {
        const user = await db.user.findUnique({ where: { id }, select: { totpSecret: true } })
        return user?.totpSecret != null
      },
    }),
    recoveryCodesLeft: t.int({
      description: 'Recovery codes that were not used yet. Each takes the place of a code once.',
      resolve: ({ id }, _args, { db }) => countRecoveryCodes(db, id),
    }),
    isFresh: t.boolean({
      description:
        'The user gave a password within the last 10 minutes. What changes users, tokens and keys needs that: `signInAgain`.',
      resolve: (viewer, _args, { clock }) => isFresh(viewer, clock.now()),
    }),
    sessions: t.field({
      type: [Session],
      complexity: { field: batchPrice, multiplier: 20 },
      description: 'Where the user is signed in, the session that was used last first.',
      resolve: ({ id, name }, _args, { clock, db }) => listSessions(db, { id, name }, clock.now()),
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
