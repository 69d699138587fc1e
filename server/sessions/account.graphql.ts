import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/bad-input.ts'
import { Refusal } from '../graphql/refusal.ts'
import type { SessionId } from '../ids.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { BadPasswordError, changePassword, confirmPassword } from './change-password.ts'
import { requireSession, SignInAgainError } from './require-fresh-session.ts'
import { revokeSession, SessionNotFoundError, signOutEverywhere } from './sessions.ts'
import { ViewerType } from './viewer.graphql.ts'

builder.objectType(SignInAgainError, {
  name: 'SignInAgain',
  description:
    'The session may do this, but its user gave the password too long ago. Send `signInAgain`, and then this again.',
  interfaces: [Refusal],
})
builder.objectType(BadPasswordError, {
  name: 'BadPasswordError',
  description: 'The new password cannot be used.',
  interfaces: [Refusal],
})
builder.objectType(SessionNotFoundError, {
  name: 'SessionNotFoundError',
  description: 'The user has no such session.',
  interfaces: [Refusal],
})

const SignInAgainInput = builder.inputType('SignInAgainInput', {
  description: 'The password of the user who is signed in, once more.',
  fields: (t) => ({ password: t.string({ required: true, description: 'Password of the user.' }) }),
})

builder.mutationField('signInAgain', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'Give the password once more: what needs a fresh one works for 10 minutes then.',
    args: { input: t.arg({ type: SignInAgainInput, required: true, description: 'The password.' }) },
    errors: {
      types: [NotAuthorizedError],
      union: {
        name: 'SignInAgainResult',
        description: 'The user who gave the right password, or why it was refused.',
      },
      result: { name: 'SignInAgainSuccess', description: 'The password is right.' },
      dataField: { name: 'viewer', description: 'The user who is signed in.' },
    },
    resolve: async (_root, { input }, context) => {
      const viewer = requireSession(await context.viewer())
      const authenticatedAt = await confirmPassword(context, viewer, input.password)
      return { ...viewer, credential: { ...viewer.credential, authenticatedAt } }
    },
  }),
)

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'Which session to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of a session of the viewer.' }) }),
})

builder.mutationField('revokeSession', (t) =>
  t.id({
    nullable: true,
    description: 'End a session of the viewer in another browser, or this one.',
    args: { input: t.arg({ type: RevokeSessionInput, required: true, description: 'Which session.' }) },
    errors: {
      types: [NotAuthorizedError, SessionNotFoundError],
      union: { name: 'RevokeSessionResult', description: 'That the session has ended, or why it has not.' },
      result: { name: 'RevokeSessionSuccess', description: 'The session has ended.' },
      dataField: { name: 'id', description: 'Id of the session.' },
    },
    resolve: async (_root, { input }, context) => {
      const viewer = requireSession(await context.viewer())
      if (!/^\d{1,9}$/.test(String(input.id))) throw badInput('id is no id of a session')
      const id = Number(input.id) as SessionId
      await revokeSession(context, viewer, id)
      if (id === viewer.credential.id) context.browser.endSession()
      return input.id
    },
  }),
)

builder.mutationField('signOutEverywhere', (t) =>
  t.int({
    nullable: true,
    description: 'End all sessions of the viewer, this one, too.',
    errors: {
      types: [NotAuthorizedError],
      union: { name: 'SignOutEverywhereResult', description: 'That the sessions have ended, or why not.' },
      result: { name: 'SignOutEverywhereSuccess', description: 'The user is signed in nowhere now.' },
      dataField: { name: 'endedCount', description: 'How many sessions there were.' },
    },
    resolve: async (_root, _args, context) => {
      const count = await signOutEverywhere(context, requireSession(await context.viewer()))
      context.browser.endSession()
      return count
    },
  }),
)

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'Both passwords.',
  fields: (t) => ({
    oldPassword: t.string({ required: true, description: 'The password that counts until now.' }),
    newPassword: t.string({ required: true, description: 'The new password, of at least 8 characters.' }),
  }),
})

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'Change the password of the viewer. It ends all other sessions. Tokens stay.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'Both passwords.' }) },
    errors: {
      types: [BadPasswordError, NotAuthorizedError],
      union: { name: 'ChangePasswordResult', description: 'Whose password it is, or why it is not changed.' },
      result: { name: 'ChangePasswordSuccess', description: 'The new password counts now.' },
      dataField: { name: 'viewer', description: 'Whose password it is.' },
    },
    resolve: async (_root, { input }, context) => {
      const viewer = requireSession(await context.viewer())
      await changePassword(context, viewer, input)
      return viewer
    },
  }),
)
