import { administratorInPerson } from '../admin/act.ts'
import { builder } from '../graphql/builder.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { UserNotFoundError } from '../users/user-errors.ts'
import { checkOwnPassword } from './check-own-password.ts'
import { requireFreshSession, requireSession, SignInAgainError } from './require-fresh-session.ts'
import {
  disableSecondFactor,
  enableSecondFactor,
  removeSecondFactor,
  startSecondFactor,
  type NewSecondFactor,
} from './second-factor.ts'
import { ViewerType } from './viewer.graphql.ts'

const NewSecondFactorType = builder.objectRef<NewSecondFactor>('NewSecondFactor').implement({
  description: 'The secret of a second factor that is not in force yet (TOTP, RFC 6238).',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'In base 32, to be typed into a telephone.' }),
    uri: t.exposeString('uri', { description: '`otpauth:` URI, to be shown as a QR code.' }),
    ticket: t.exposeString('ticket', { description: 'For `enableSecondFactor`, within 15 minutes.' }),
  }),
})

builder.mutationField('startSecondFactor', (t) =>
  t.field({
    type: NewSecondFactorType,
    nullable: true,
    description:
      'Make a secret for a second factor of the viewer. It changes nothing until `enableSecondFactor` brings a right code.',
    errors: {
      types: [NotAuthorizedError, SignInAgainError],
      union: { name: 'StartSecondFactorResult', description: 'The secret, or why there is none.' },
      result: { name: 'StartSecondFactorSuccess', description: 'A new secret.' },
      dataField: { name: 'secondFactor', description: 'The secret.' },
    },
    resolve: async (_root, _args, context) => {
      const viewer = requireSession(await context.viewer())
      requireFreshSession(viewer, context.clock.now())
      return startSecondFactor(context, viewer, new URL(context.siteUrl).hostname)
    },
  }),
)

const EnableSecondFactorInput = builder.inputType('EnableSecondFactorInput', {
  description: 'A code, which shows that the app on the telephone has the secret.',
  fields: (t) => ({
    ticket: t.string({ required: true, description: 'From `startSecondFactor`.' }),
    code: t.string({ required: true, description: 'What the telephone shows.' }),
  }),
})

builder.mutationField('enableSecondFactor', (t) =>
  t.stringList({
    nullable: true,
    description: 'From now on, signing in as this user needs a code.',
    args: { input: t.arg({ type: EnableSecondFactorInput, required: true, description: 'The code.' }) },
    errors: {
      types: [NotAuthorizedError, SignInAgainError],
      union: { name: 'EnableSecondFactorResult', description: 'Recovery codes, or what is wrong.' },
      result: { name: 'EnableSecondFactorSuccess', description: 'The second factor is in force.' },
      dataField: {
        name: 'recoveryCodes',
        description: 'Each takes the place of a code once. They are shown this once.',
      },
    },
    resolve: async (_root, { input }, context) => {
      const viewer = requireSession(await context.viewer())
      requireFreshSession(viewer, context.clock.now())
      return enableSecondFactor(context, viewer, input)
    },
  }),
)

const DisableSecondFactorInput = builder.inputType('DisableSecondFactorInput', {
  description: 'That it is the user who asks.',
  fields: (t) => ({
    password: t.string({ required: true, description: 'Password of the user.' }),
    code: t.string({ required: true, description: 'A code of the second factor, or a recovery code.' }),
  }),
})

builder.mutationField('disableSecondFactor', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'From now on, the password of the viewer suffices.',
    args: {
      input: t.arg({ type: DisableSecondFactorInput, required: true, description: 'Password and code.' }),
    },
    errors: {
      types: [NotAuthorizedError],
      union: {
        name: 'DisableSecondFactorResult',
        description: 'The user without the second factor, or why it is still there.',
      },
      result: { name: 'DisableSecondFactorSuccess', description: 'There is no second factor now.' },
      dataField: { name: 'viewer', description: 'The user who had the second factor.' },
    },
    resolve: async (_root, { input }, context) => {
      const viewer = requireSession(await context.viewer())
      await checkOwnPassword(context, viewer, input.password)
      await disableSecondFactor(context, viewer, input.code)
      return viewer
    },
  }),
)

const RemoveSecondFactorInput = builder.inputType('RemoveSecondFactorInput', {
  description: 'Whose second factor to remove.',
  fields: (t) => ({ user: t.string({ required: true, description: 'Name of the user.' }) }),
})

builder.mutationField('removeSecondFactor', (t) =>
  t.boolean({
    nullable: true,
    description: 'For administrators: remove the second factor of a user who has lost it. No token may.',
    args: {
      input: t.arg({
        type: RemoveSecondFactorInput,
        required: true,
        description: 'The user whose second factor is removed.',
      }),
    },
    errors: {
      types: [UserNotFoundError, NotAuthorizedError, SignInAgainError],
      union: { name: 'RemoveSecondFactorResult', description: 'That it is gone, or why it is not.' },
      result: { name: 'RemoveSecondFactorSuccess', description: 'The user has no second factor now.' },
      dataField: { name: 'hadSecondFactor', description: 'There was one.' },
    },
    resolve: async (_root, { input }, context) => {
      const act = await administratorInPerson(context)
      return removeSecondFactor(context.writer, act, input.user)
    },
  }),
)
