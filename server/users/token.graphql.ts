import type { Prisma } from '../generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { readScopes } from './scopes.ts'
import { BadTokenError, readNetworks, stateOf, TokenNotFoundError, type CreatedToken } from './tokens.ts'

builder.objectType(BadTokenError, {
  name: 'BadTokenError',
  description: 'What is asked for is no token that this user can have.',
  interfaces: [Refusal],
})
builder.objectType(TokenNotFoundError, {
  name: 'TokenNotFoundError',
  description: 'No token has this number.',
  interfaces: [Refusal],
})

/** What is shown of a token: its hash is not read. */
export const tokenColumns = {
  ...{ id: true, name: true, prefix: true, scopes: true, networks: true, createdAt: true },
  ...{ expiresAt: true, lastUsedAt: true, lastUsedFrom: true, revokedAt: true },
  user: { select: { name: true } },
} as const satisfies Prisma.TokenSelect

/** `now`: when somebody asks. */
type TokenRow = Prisma.TokenGetPayload<{ select: typeof tokenColumns }> & { now: Date }

const TokenStateEnum = builder.enumType('TokenState', {
  description: 'Whether a token counts.',
  values: {
    ACTIVE: { description: 'It counts, unless its user is disabled.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'Somebody has ended it.' },
  },
})

export const Token = builder.objectRef<TokenRow>('Token').implement({
  description: 'A secret for a machine. It may do what its scopes say, and never more than its user.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number, for `revokeToken` and `revokeOwnToken`.' }),
    userName: t.string({ description: 'Name of its user.', resolve: ({ user }) => user.name }),
    name: t.exposeString('name', { description: 'What it is for.' }),
    prefix: t.exposeString('prefix', {
      description: 'The first characters of its text, by which people recognize it.',
    }),
    scopes: t.stringList({
      description: 'What it may do, such as `upload:*`.',
      resolve: ({ scopes }) => [...readScopes(scopes)],
    }),
    networks: t.stringList({
      nullable: true,
      description: 'The networks that it is accepted from; null: all.',
      resolve: ({ networks }) => readNetworks(networks),
    }),
    state: t.field({
      type: TokenStateEnum,
      description: 'Whether it counts.',
      resolve: ({ now, ...token }) => stateOf(token, now),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it counts; null: for ever.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was used last, to an hour; null: never.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody ended it; null: nobody has.',
    }),
    lastUsedFrom: t.exposeString('lastUsedFrom', {
      nullable: true,
      description: 'From which address.',
    }),
  }),
})

export const NewToken = builder.objectRef<CreatedToken>('NewToken').implement({
  description: 'A new token. Its text is shown once, and stored nowhere.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number.' }),
    text: t.exposeString('text', { description: 'The secret itself.' }),
    prefix: t.exposeString('prefix', { description: 'Its first characters, which lists show.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it counts; null: for ever.',
    }),
  }),
})
