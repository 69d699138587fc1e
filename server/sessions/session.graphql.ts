import { builder } from '../graphql/builder.ts'
import type { SessionFacts } from './list-sessions.ts'

export const Session = builder.objectRef<SessionFacts>('Session').implement({
  description: 'A browser in which a user has signed in.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Its number, for `revokeSession` and `endSession`. It is no secret.',
    }),
    userName: t.exposeString('userName', { description: 'Name of the user.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user signed in.' }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      description: 'When the session was used last, to five minutes.',
    }),
    lastSeenFrom: t.exposeString('lastSeenFrom', { description: 'Address from which it was used then.' }),
    program: t.exposeString('program', {
      description: 'Which program it is, as it says of itself, such as `Firefox 128 on Linux`.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the session ends at the latest.',
    }),
    isCurrent: t.boolean({
      description: 'It is the session of this request.',
      resolve: async ({ id }, _args, { viewer }) => {
        const credential = (await viewer())?.credential
        return credential?.kind === 'session' && credential.id === id
      },
    }),
  }),
})
