import { isIP } from 'node:net'
import * as z from 'zod'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import type { TokenId, UserId } from '../ids.ts'
import { findUser, type FoundUser } from './find-user.ts'
import { rightsOf } from './rights.ts'
import { grantedBy, isScope, readScopes, type Scope } from './scopes.ts'
import { makeTokenText, prefixOf, sha256Of } from './token-text.ts'

/** What is asked for is no token that this user can have. */
export class BadTokenError extends DomainError {
  override readonly name = 'BadTokenError'
}

/** There is no such token. */
export class TokenNotFoundError extends DomainError {
  override readonly name = 'TokenNotFoundError'
}

const dayMs = 86_400_000
export const defaultTokenDays = 90
export const maxTokenDays = 365
/** Tokens of a user that count, and do not end within the hour. */
const maxTokens = 100
/** More than those, because trusted publishers make some that end soon. */
export const maxListedTokens = 1_000
const shortMs = 3_600_000
const maxScopes = 100

export type NewToken = {
  userName: string
  /** What it is for, such as `builder at example.org`. */
  name: string
  /** Texts that `isScope` takes. */
  scopes: readonly string[]
  /** The networks that it is accepted from, such as `10.0.0.0/8`; null: all. */
  networks?: readonly string[] | null
  /** Until when; `never` only where an operator of the machine asks for it. Default: 90 days from now. */
  expiresAt?: Date | 'never'
}

/** A new token. `text` is shown to its user once, and stored nowhere. */
export type CreatedToken = { id: TokenId; text: string; prefix: string; expiresAt: Date | null }

/** Creates a token of a user. Throws UserNotFoundError, BadTokenError. */
export async function createToken(writer: Writer, act: Act, token: NewToken): Promise<CreatedToken> {
  return writer.transact([], (tx) => addToken(tx, act, token))
}

/** As `createToken`, in a transaction that is under way. */
export async function addToken(tx: Transaction, { actor, at }: Act, token: NewToken): Promise<CreatedToken> {
  const user = await findUser(tx, token.userName)
  if (user.disabled) throw new BadTokenError(`user ${user.name} is disabled: enable the user first`)
  const {
    name,
    networks = null,
    expiresAt: expiry = new Date(at.getTime() + defaultTokenDays * dayMs),
  } = token
  if (!/^\P{Cc}{1,100}$/u.test(name))
    throw new BadTokenError('the name of a token has 1 to 100 characters, and no control characters')
  const scopes = checkedScopes(token.scopes, user)
  for (const network of networks ?? []) checkNetwork(network)
  const expiresAt = expiry === 'never' ? null : checkedExpiry(expiry, at)
  // Those of trusted publishers do not count: a busy day has many, and each ends soon.
  const lasts = { OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(at.getTime() + shortMs) } }] }
  const ofUser = { userId: user.id, revokedAt: null, ...lasts }
  if ((await tx.token.count({ where: ofUser })) >= maxTokens)
    throw new BadTokenError(`user ${user.name} has ${maxTokens} tokens, which is the most: revoke some first`)
  const text = makeTokenText()
  const prefix = prefixOf(text)
  const { id } = await tx.token.create({
    data: {
      ...{ userId: user.id, name, prefix, sha256: sha256Of(text), createdAt: at, expiresAt },
      scopes: JSON.stringify(scopes),
      networks: networks === null || networks.length === 0 ? null : JSON.stringify(networks),
    },
    select: { id: true },
  })
  await recordAudit(tx, {
    ...{ at, actor, action: 'token.create', target: prefix },
    detail: { user: user.name, name, scopes, networks, expiresAt },
  })
  return { id, text, prefix, expiresAt }
}

/** Throws BadTokenError: also for a scope that would never count, because the role of the user lacks its right. */
function checkedScopes(texts: readonly string[], { name, role }: FoundUser): Scope[] {
  if (texts.length === 0) throw new BadTokenError('a token needs a scope, such as upload:* or upload:JOB')
  if (texts.length > maxScopes) throw new BadTokenError(`a token has at most ${maxScopes} scopes`)
  const scopes = [...new Set(texts)].map((text) => {
    if (!isScope(text))
      throw new BadTokenError(
        `no scope: ${JSON.stringify(text)}; scopes are read, upload:JOB, upload:*, schedule, work, admin:read, admin`,
      )
    return text
  })
  for (const scope of scopes)
    for (const right of grantedBy([scope]).rights)
      if (!rightsOf(role).includes(right))
        throw new BadTokenError(
          `user ${name} has the role ${role}, which lacks the right ${right} of the scope ${scope}`,
        )
  return scopes
}

function checkNetwork(text: string): void {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0 || address.includes('%') || Number(bits ?? 0) > (version === 4 ? 32 : 128))
    throw new BadTokenError(
      `no network: ${JSON.stringify(text)}; networks are such as 10.0.0.0/8 or 2001:db8::/32`,
    )
}

function checkedExpiry(expiresAt: Date, at: Date): Date {
  const days = (expiresAt.getTime() - at.getTime()) / dayMs
  if (!(days > 0 && days <= maxTokenDays))
    throw new BadTokenError(`a token ends in the future, and within ${maxTokenDays} days`)
  return expiresAt
}

/** ACTIVE: it counts, unless its user is disabled. */
export type TokenState = 'ACTIVE' | 'EXPIRED' | 'REVOKED'

export type TokenFacts = {
  id: TokenId
  userName: string
  name: string
  prefix: string
  scopes: readonly Scope[]
  networks: readonly string[] | null
  createdAt: Date
  expiresAt: Date | null
  /** Written at most hourly. */
  lastUsedAt: Date | null
  lastUsedFrom: string | null
  revokedAt: Date | null
  state: TokenState
}

/** Tokens, the newest first: of all users, or of one. Throws UserNotFoundError. */
export async function listTokens(
  db: Reader,
  { userName, now }: { userName?: string; now: Date },
): Promise<TokenFacts[]> {
  const ofUser = userName === undefined ? {} : { userId: (await findUser(db, userName)).id }
  const tokens = await db.token.findMany({
    where: ofUser,
    orderBy: { id: 'desc' },
    include: { user: { select: { name: true } } },
  })
  return tokens.map(({ user, scopes, networks, sha256: _, userId: __, ...token }) => ({
    ...token,
    userName: user.name,
    scopes: readScopes(scopes),
    networks: readNetworks(networks),
    state: stateOf(token, now),
  }))
}

const Networks = z.array(z.string())

/** The networks that a token is accepted from, from its column; null: all. */
export const readNetworks = (json: string | null): string[] | null =>
  json === null ? null : Networks.parse(JSON.parse(json))

export function stateOf(
  { expiresAt, revokedAt }: { expiresAt: Date | null; revokedAt: Date | null },
  now: Date,
): TokenState {
  if (revokedAt) return 'REVOKED'
  return expiresAt && expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

/** The token with this number, or whose text begins so (at least `bhub_` and four characters). Throws TokenNotFoundError. */
export async function findToken(db: Reader, text: string): Promise<TokenId> {
  if (/^\d{1,9}$/.test(text)) {
    const token = await db.token.findUnique({ where: { id: Number(text) as TokenId }, select: { id: true } })
    if (token) return token.id
    throw new TokenNotFoundError(`there is no token ${text}: "hub token list" prints all`)
  }
  // More than the prefix may be given: the whole text of a token that has leaked.
  const isWhole = text.length > prefixOf(text).length
  const found = await db.token.findMany({
    where: isWhole ? { sha256: sha256Of(text) } : { prefix: text },
    select: { id: true },
    take: 2,
  })
  const [token, other] = found
  const shown = prefixOf(text)
  if (!token) throw new TokenNotFoundError(`there is no token ${shown}: "hub token list" prints all`)
  if (other)
    throw new TokenNotFoundError(
      `several tokens begin with ${shown}: name one by its number ("hub token list")`,
    )
  return token.id
}

/**
 * Ends a token, from the next request on. `userId`: only if it is of this user. Returns false if it was revoked before. Throws
 * TokenNotFoundError.
 */
export async function revokeToken(
  writer: Writer,
  { actor, at }: Act,
  id: TokenId,
  ofUser: { userId?: UserId } = {},
): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const token = await tx.token.findUnique({
      where: { id, ...ofUser },
      select: { name: true, prefix: true, revokedAt: true, user: { select: { name: true } } },
    })
    if (!token) throw new TokenNotFoundError(`there is no token ${id}`)
    if (token.revokedAt) return false
    await tx.token.update({ where: { id }, data: { revokedAt: at }, select: { id: true } })
    const detail = { user: token.user.name, name: token.name }
    await recordAudit(tx, { at, actor, action: 'token.revoke', target: token.prefix, detail })
    return true
  })
}
