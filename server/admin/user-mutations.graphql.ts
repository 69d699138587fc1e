import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import type { SessionId, TokenId } from '../ids.ts'
import { setEmailOfUser } from '../notifications/change-address.ts'
import { BadAddressError } from '../notifications/notification-errors.ts'
import { endSession } from '../sessions/end-session.ts'
import { SignInAgainError } from '../sessions/require-fresh-session.ts'
import { SessionNotFoundError } from '../sessions/sessions.ts'
import { addUser } from '../users/add-user.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { RoleEnum } from '../users/role.graphql.ts'
import { BadTokenError, createToken, revokeToken, TokenNotFoundError } from '../users/tokens.ts'
import { NewToken } from '../users/token.graphql.ts'
import { updateUser } from '../users/update-user.ts'
import {
  BadUserError,
  LastAdministratorError,
  UserExistsError,
  UserNotFoundError,
} from '../users/user-errors.ts'
import { addAccess, removeAccess, removeUser } from '../users/users.ts'
import { administratorInPerson, checkConfirmation, freshAdministrator, NotConfirmedError } from './act.ts'
import { numberOf } from './number-of.graphql.ts'
import { resultOf } from './refusals.graphql.ts'

const refusals = [
  [UserExistsError, 'UserExistsError', 'A user with this name exists already.'],
  [UserNotFoundError, 'UserNotFoundError', 'No user has this name.'],
  [
    BadUserError,
    'BadUserError',
    'A name or a password that cannot be used, or a user who cannot be removed.',
  ],
  [LastAdministratorError, 'LastAdministratorError', 'Without this user nobody could administer the site.'],
] as const

for (const [type, name, description] of refusals)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

const dayMs = 86_400_000

builder.mutationFields((t) => {
  const userName = () => t.arg.string({ required: true, description: 'Name of the user.' })
  const aboutUser = 'Name of the user.'
  return {
    addUser: t.string({
      nullable: true,
      description: 'Add a user. No token may.',
      args: {
        name: userName(),
        password: t.arg.string({ description: 'The password. Only a worker needs none.' }),
        role: t.arg({ type: RoleEnum, required: true, description: 'What the user is.' }),
        isUnrestricted: t.arg.boolean({
          defaultValue: false,
          description:
            'Whether the user may upload builds of every job, not only of those in the access list.',
        }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UserExistsError, BadUserError],
        ...resultOf('AddUser', 'The user is added.', 'name', aboutUser),
      },
      resolve: async (_root, { name, password, role, isUnrestricted }, context) => {
        const act = await administratorInPerson(context)
        if (typeof password !== 'string' && role !== 'WORKER')
          throw new BadUserError(`user ${name} needs a password: only workers have tokens alone`)
        const user = { name, password: password ?? null, role, unrestricted: isUnrestricted ?? false }
        await addUser(context.writer, act, user)
        return name
      },
    }),
    updateUser: t.string({
      nullable: true,
      description:
        'Change a user. A new password, and disabling, end the sessions of the user. What is absent stays. No token may.',
      args: {
        name: userName(),
        role: t.arg({ type: RoleEnum, description: 'What the user is.' }),
        isUnrestricted: t.arg.boolean({ description: 'Whether the user may upload builds of every job.' }),
        isDisabled: t.arg.boolean({ description: 'Whether every request of the user is refused.' }),
        password: t.arg.string({
          description: 'A new password. In a session not the own one: see `changePassword`.',
        }),
      },
      errors: {
        types: [
          NotAuthorizedError,
          SignInAgainError,
          UserNotFoundError,
          BadUserError,
          LastAdministratorError,
        ],
        ...resultOf('UpdateUser', 'The user is as asked for.', 'name', aboutUser),
      },
      resolve: async (_root, { name, role, isUnrestricted, isDisabled, password }, context) => {
        const act = await administratorInPerson(context)
        // A request by password has the current one. Whoever finds a browser open has not.
        if (password != null && act.actor.via === 'session' && act.actor.name === name)
          throw new BadUserError('this is your own password: `changePassword` asks for the current one, too')
        await updateUser(context.writer, act, name, {
          ...(role == null ? {} : { role }),
          ...(isUnrestricted == null ? {} : { unrestricted: isUnrestricted }),
          ...(isDisabled == null ? {} : { disabled: isDisabled }),
          ...(password == null ? {} : { password }),
        })
        return name
      },
    }),
    setUserEmail: t.string({
      nullable: true,
      description:
        'Set where notifications of a user go. The address counts at once, as one that is confirmed.',
      args: {
        name: userName(),
        email: t.arg.string({ description: 'The address; null or empty: nowhere.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UserNotFoundError, BadAddressError],
        ...resultOf('SetUserEmail', 'Notifications go to the address.', 'name', aboutUser),
      },
      resolve: async (_root, { name, email }, context) => {
        await setEmailOfUser(context.writer, await freshAdministrator(context), name, email ?? '')
        return name
      },
    }),
    removeUser: t.string({
      nullable: true,
      description:
        'Remove a user with the access list, tokens and sessions, for good. Who has uploaded builds can only be disabled.',
      args: {
        name: userName(),
        confirmation: t.arg.string({ required: true, description: 'The name again.' }),
      },
      errors: {
        types: [
          NotAuthorizedError,
          SignInAgainError,
          NotConfirmedError,
          UserNotFoundError,
          BadUserError,
          LastAdministratorError,
        ],
        ...resultOf('RemoveUser', 'The user is removed.', 'name', aboutUser),
      },
      resolve: async (_root, { name, confirmation }, context) => {
        const act = await freshAdministrator(context)
        checkConfirmation(name, confirmation)
        await removeUser(context.writer, act, name)
        return name
      },
    }),
    addAccess: t.string({
      nullable: true,
      description: 'Allow a user to upload builds of a job, which need not exist yet.',
      args: {
        user: userName(),
        job: t.arg.string({ required: true, description: 'Name of the job, exactly.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UserNotFoundError],
        ...resultOf('AddAccess', 'The user may upload builds of the job.', 'name', aboutUser),
      },
      resolve: async (_root, { user, job }, context) => {
        if (!/^\P{Cc}{1,1000}$/u.test(job)) throw badInput('not the name of a job')
        await addAccess(context.writer, await freshAdministrator(context), user, job)
        return user
      },
    }),
    removeAccess: t.string({
      nullable: true,
      description: 'Take a job from the access list of a user.',
      args: {
        user: userName(),
        job: t.arg.string({ required: true, description: 'Name of the job, exactly.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UserNotFoundError],
        ...resultOf('RemoveAccess', 'The access list of the user does not have the job.', 'name', aboutUser),
      },
      resolve: async (_root, { user, job }, context) => {
        await removeAccess(context.writer, await freshAdministrator(context), user, job)
        return user
      },
    }),
    createToken: t.field({
      type: NewToken,
      nullable: true,
      description: 'Create a token of a user. Its text is in this answer alone. No token may.',
      args: {
        user: userName(),
        name: t.arg.string({ required: true, description: 'What it is for.' }),
        scopes: t.arg.stringList({
          required: true,
          description: 'What it may do: read, upload:JOB, upload:*, schedule, admin:read or admin.',
        }),
        networks: t.arg.stringList({
          description: 'The networks that it is accepted from, such as 10.0.0.0/8. Absent: all.',
        }),
        days: t.arg.int({ defaultValue: 90, description: 'How many days it counts: 1 to 365.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UserNotFoundError, BadTokenError],
        ...resultOf('CreateToken', 'The token is created.', 'token', 'The token.'),
      },
      resolve: async (_root, { user, name, scopes, networks, days }, context) => {
        const act = await administratorInPerson(context)
        return createToken(context.writer, act, {
          ...{ userName: user, name, scopes, networks: networks ?? null },
          expiresAt: new Date(act.at.getTime() + (days ?? 90) * dayMs),
        })
      },
    }),
    revokeToken: t.id({
      nullable: true,
      description: 'End a token, from the next request on.',
      args: { id: t.arg.id({ required: true, description: 'Number of the token.' }) },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, TokenNotFoundError],
        ...resultOf('RevokeToken', 'The token counts no longer.', 'id', 'Number of the token.'),
      },
      resolve: async (_root, { id }, context) => {
        await revokeToken(context.writer, await freshAdministrator(context), numberOf(id, 'token') as TokenId)
        return id
      },
    }),
    endSession: t.id({
      nullable: true,
      description: 'End a session of any user, from the next request on.',
      args: { id: t.arg.id({ required: true, description: 'Number of the session.' }) },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, SessionNotFoundError],
        ...resultOf('EndSession', 'The session has ended.', 'id', 'Number of the session.'),
      },
      resolve: async (_root, { id }, context) => {
        await endSession(
          context.writer,
          await freshAdministrator(context),
          numberOf(id, 'session') as SessionId,
        )
        return id
      },
    }),
  }
})
