import { actorOf, type Act } from '../audit/actor.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import type { TokenId } from '../ids.ts'
import {
  requireFreshSession,
  requireSession,
  SignInAgainError,
  type SessionViewer,
} from '../sessions/require-fresh-session.ts'
import { ViewerType } from '../sessions/viewer.graphql.ts'
import { NotAuthorizedError } from './not-authorized.ts'
import { NewToken, Token, tokenColumns } from './token.graphql.ts'
import {
  BadTokenError,
  createToken,
  defaultTokenDays,
  maxListedTokens,
  revokeToken,
  TokenNotFoundError,
} from './tokens.ts'

const dayMs = 86_400_000

/** The viewer in a session with a fresh password. Throws NotAuthorizedError, SignInAgainError. */
async function freshOwner(context: Context): Promise<{ viewer: SessionViewer; act: Act }> {
  const viewer = requireSession(await context.viewer())
  const at = context.clock.now()
  requireFreshSession(viewer, at)
  return { viewer, act: { actor: actorOf(viewer, context), at } }
}

builder.objectField(ViewerType, 'tokens', (t) =>
  t.field({
    type: [Token],
    complexity: { field: batchPrice, multiplier: 20 },
    description: `Tokens of the user that count, the newest first. At most ${maxListedTokens}.`,
    resolve: async ({ id: userId }, _args, { clock, db }) => {
      const now = clock.now()
      const tokens = await db.token.findMany({
        where: { userId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
        orderBy: { id: 'desc' },
        take: maxListedTokens,
        select: tokenColumns,
      })
      return tokens.map((token) => ({ ...token, now }))
    },
  }),
)

const CreateOwnTokenInput = builder.inputType('CreateOwnTokenInput', {
  description: 'What token to create.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is for.' }),
    scopes: t.stringList({
      required: true,
      description:
        'What it may do: read, upload:JOB, upload:*, attest, schedule, admin:read or admin, as far as the role of the user goes.',
    }),
    networks: t.stringList({
      description: 'The networks that it is accepted from, such as 10.0.0.0/8. Absent: all.',
    }),
    days: t.int({ defaultValue: defaultTokenDays, description: 'How many days it counts: 1 to 365.' }),
  }),
})

builder.mutationField('createOwnToken', (t) =>
  t.field({
    type: NewToken,
    nullable: true,
    description: 'Create a token of the viewer. Its text is in this answer alone.',
    args: { input: t.arg({ type: CreateOwnTokenInput, required: true, description: 'What token.' }) },
    errors: {
      types: [NotAuthorizedError, SignInAgainError, BadTokenError],
      union: { name: 'CreateOwnTokenResult', description: 'The token, or why there is none.' },
      result: { name: 'CreateOwnTokenSuccess', description: 'The token is created.' },
      dataField: { name: 'token', description: 'The token.' },
    },
    resolve: async (_root, { input }, context) => {
      const { viewer, act } = await freshOwner(context)
      const { name, scopes, networks, days } = input
      return createToken(context.writer, act, {
        ...{ userName: viewer.name, name, scopes, networks: networks ?? null },
        expiresAt: new Date(act.at.getTime() + (days ?? defaultTokenDays) * dayMs),
      })
    },
  }),
)

const RevokeOwnTokenInput = builder.inputType('RevokeOwnTokenInput', {
  description: 'Which token to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Number of a token of the viewer.' }) }),
})

builder.mutationField('revokeOwnToken', (t) =>
  t.id({
    nullable: true,
    description: 'End a token of the viewer, from the next request on.',
    args: { input: t.arg({ type: RevokeOwnTokenInput, required: true, description: 'Which token.' }) },
    errors: {
      types: [NotAuthorizedError, SignInAgainError, TokenNotFoundError],
      union: { name: 'RevokeOwnTokenResult', description: 'That the token has ended, or why it has not.' },
      result: { name: 'RevokeOwnTokenSuccess', description: 'The token counts no longer.' },
      dataField: { name: 'id', description: 'Number of the token.' },
    },
    resolve: async (_root, { input }, context) => {
      const { viewer, act } = await freshOwner(context)
      if (!/^\d{1,9}$/.test(String(input.id))) throw badInput('id is not the number of a token')
      await revokeToken(context.writer, act, Number(input.id) as TokenId, { userId: viewer.id })
      return input.id
    },
  }),
)
