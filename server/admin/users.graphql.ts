import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import type { Reader } from '../database/reader.ts'
import type { TokenId } from '../ids.ts'
import { byNewestId, findByNewestId } from '../list-by-id.ts'
import { countSessions, findSessions } from '../sessions/list-sessions.ts'
import { Session } from '../sessions/session.graphql.ts'
import { RoleEnum } from '../users/role.graphql.ts'
import { addressColumns, addressOf, EmailAddress } from '../notifications/email-address.graphql.ts'
import { roleOf } from '../users/rights.ts'
import { Token, tokenColumns } from '../users/token.graphql.ts'
import { Administration } from './administration.graphql.ts'

/** What is shown of a user: no secret is read. */
const userColumns = {
  id: true,
  name: true,
  role: true,
  unrestricted: true,
  disabled: true,
  oidcIssuer: true,
  ...addressColumns,
  createdAt: true,
  // Set with the second factor: the secret is not read.
  totpStep: true,
  access: { orderBy: { jobName: 'asc' }, take: 1_000, select: { jobName: true } },
  _count: { select: { builds: true } },
} as const

const findUsers = (db: Reader, asked: { where?: object; orderBy: { name: 'asc' | 'desc' }; take: number }) =>
  db.user.findMany({ ...asked, select: userColumns })

type UserRow = Awaited<ReturnType<typeof findUsers>>[number]

const User = builder.objectRef<UserRow>('User').implement({
  description: 'Somebody who signs in, or uploads.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the user.' }),
    role: t.field({ type: RoleEnum, description: 'What the user is.', resolve: ({ role }) => roleOf(role) }),
    isUnrestricted: t.exposeBoolean('unrestricted', {
      description: 'Whether the user may upload builds of every job.',
    }),
    jobs: t.stringList({
      description: 'The access list: names of jobs that the user may upload builds of. At most 1,000.',
      resolve: ({ access }) => access.map(({ jobName }) => jobName),
    }),
    isDisabled: t.exposeBoolean('disabled', {
      description: 'Whether every request of the user is refused.',
    }),
    hasSecondFactor: t.boolean({
      description: 'Whether signing in needs a code, too.',
      resolve: ({ totpStep }) => totpStep !== null,
    }),
    issuer: t.exposeString('oidcIssuer', {
      nullable: true,
      description: 'Site at which the user signs in; null: here, by a password.',
    }),
    email: t.field({
      type: EmailAddress,
      nullable: true,
      description: 'Where notifications go; null: nowhere.',
      resolve: addressOf,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user was added.' }),
    buildCount: t.int({
      description: 'Number of stored builds that the user has uploaded.',
      resolve: ({ _count }) => _count.builds,
    }),
  }),
})

const UserConnection = builder.connectionObject(
  { type: User, name: 'UserConnection', description: 'A page of users, by name.' },
  { name: 'UserEdge', description: 'A user in a list.' },
)

const userOrder: ListOrder<{ name: string }, string> = {
  name: 'user',
  keyOf: ({ name }) => name,
  parseKey: (text) => text,
}

const findTokens = (db: Reader, asked: { where: object; orderBy: { id: 'asc' | 'desc' }; take: number }) =>
  db.token.findMany({ ...asked, select: tokenColumns })

const TokenConnection = builder.connectionObject(
  { type: Token, name: 'TokenConnection', description: 'A page of tokens.' },
  { name: 'TokenEdge', description: 'A token in a list.' },
)

const SessionConnection = builder.connectionObject(
  { type: Session, name: 'SessionConnection', description: 'A page of sessions.' },
  { name: 'SessionEdge', description: 'A session in a list.' },
)

const [tokenOrder, sessionOrder] = [byNewestId('token'), byNewestId('session')]
const ofUser = { description: 'Only those of the user with this name.' } as const

builder.objectFields(Administration, (t) => ({
  user: t.field({
    type: User,
    nullable: true,
    description: 'The user with this name.',
    args: { name: t.arg.string({ required: true, description: 'Name of the user, exactly.' }) },
    resolve: async (_admin, { name }, { db }) => {
      const [user] = await findUsers(db, { where: { name }, orderBy: { name: 'asc' }, take: 1 })
      return user ?? null
    },
  }),
  users: t.connection(
    {
      type: User,
      description: 'All users, by name.',
      complexity: pageCost,
      resolve: async (_admin, args, { db }) => {
        const page = parsePage(args, userOrder)
        const { after, backward, before, limit } = page
        const range = {
          ...(after === null ? {} : { gt: after }),
          ...(before === null ? {} : { lt: before }),
        }
        const found = await findUsers(db, {
          where: { name: range },
          orderBy: { name: backward ? 'desc' : 'asc' },
          take: limit + 1,
        })
        const rows = backward ? found.toReversed() : found
        return { ...toConnection(rows, page, userOrder), totalCount: () => db.user.count() }
      },
    },
    UserConnection,
  ),
  tokens: t.connection(
    {
      type: Token,
      description: 'Tokens of machines, the newest first.',
      args: { user: t.arg.string(ofUser) },
      complexity: pageCost,
      resolve: async (_admin, args, { clock, db }) => {
        const page = parsePage(args, tokenOrder)
        const where = args.user == null ? {} : { user: { name: args.user } }
        const now = clock.now()
        const rows = await findByNewestId(page, ({ range, ...asked }) =>
          findTokens(db, { ...asked, where: { ...where, id: range as { lt?: TokenId; gt?: TokenId } } }),
        )
        return {
          ...toConnection(
            rows.map((row) => ({ ...row, now })),
            page,
            tokenOrder,
          ),
          totalCount: () => db.token.count({ where }),
        }
      },
    },
    TokenConnection,
  ),
  sessions: t.connection(
    {
      type: Session,
      description:
        'Browsers in which users have signed in, the newest first. Those that are over are left out.',
      args: { user: t.arg.string(ofUser) },
      complexity: pageCost,
      resolve: async (_admin, args, { clock, db }) => {
        const page = parsePage(args, sessionOrder)
        const filter = { userName: args.user, now: clock.now() }
        const found = await findSessions(db, filter, page)
        return { ...toConnection(found, page, sessionOrder), totalCount: () => countSessions(db, filter) }
      },
    },
    SessionConnection,
  ),
}))
