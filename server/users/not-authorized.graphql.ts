import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { NotAuthorizedError, type NotAuthorizedCode } from './not-authorized.ts'

const NotAuthorizedCodeEnum = builder.enumType('NotAuthorizedCode', {
  description: 'Why a user may not do something.',
  values: {
    UNAUTHENTICATED: { description: 'The credentials are missing or wrong. `/upload` answers 401.' },
    FORBIDDEN: {
      description: 'The user may not do this, such as to upload builds of this job. `/upload` answers 403.',
    },
    RATE_LIMIT: {
      description: 'There were too many wrong passwords: wait `retryAfterSeconds`. `/upload` answers 429.',
    },
  } satisfies Record<NotAuthorizedCode, unknown>,
})

builder.objectType(NotAuthorizedError, {
  name: 'NotAuthorizedError',
  description:
    'The credentials are missing or wrong, there were too many wrong passwords, or the user may not do this.',
  interfaces: [Refusal],
  fields: (t) => ({
    code: t.expose('code', { type: NotAuthorizedCodeEnum, description: 'Which of these it is.' }),
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      nullable: true,
      description: 'How long to wait after too many wrong passwords; otherwise null.',
    }),
  }),
})
