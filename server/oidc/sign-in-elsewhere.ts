import * as oidc from 'openid-client'
import { actorOf } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { User } from '../generated/prisma/client.ts'
import { freshMinutes } from '../sessions/session-times.ts'
import { beginSession, type NewSession, type SignInClient } from '../sessions/sign-in.ts'
import { createUser, isUserName } from '../users/add-user.ts'
import { decoyHash } from '../users/password.ts'
import type { Role } from '../users/rights.ts'
import { beginningMinutes, type BegunSignIn } from './begun-sign-in.ts'
import { authenticatedAtOf, claimOf, roleOfClaims, type Claims } from './claimed-identity.ts'
import { findIssuer, refused } from './issuer-client.ts'
import { SignInRefusedError } from './sign-in-refused.ts'
import type { SignInSite } from './sign-in-settings.ts'

const subjectFields = ['oidcIssuer', 'oidcSubject']

type Parts = Pick<Deps, 'clock' | 'events' | 'writer'>

/**
 * Where a browser has to go to sign in, and what it has to keep until it is back. `isAgain`: the other site has to ask for the
 * password once more. Throws SignInRefusedError.
 */
export async function beginSignIn(
  { clock, events }: Pick<Parts, 'clock' | 'events'>,
  site: SignInSite,
  { callback, next, isAgain }: { callback: string; next: string; isAgain: boolean },
): Promise<{ address: URL; begun: BegunSignIn }> {
  const issuer = await findIssuer(events, site)
  const begun: BegunSignIn = {
    ...{ state: oidc.randomState(), nonce: oidc.randomNonce(), codeVerifier: oidc.randomPKCECodeVerifier() },
    ...{ next, isAgain, until: clock.now().getTime() + beginningMinutes * 60_000 },
  }
  const address = oidc.buildAuthorizationUrl(issuer, {
    redirect_uri: callback,
    scope: site.signIn.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(begun.codeVerifier),
    code_challenge_method: 'S256',
    ...(isAgain ? { prompt: 'login', max_age: String(freshMinutes * 60) } : {}),
  })
  return { address, begun }
}

/** Begins a session for whom the other site says. `address`: of this request. Throws SignInRefusedError. */
export async function finishSignIn(
  parts: Parts,
  site: SignInSite,
  { address, begun, client }: { address: URL; begun: BegunSignIn; client: SignInClient },
): Promise<NewSession> {
  const claims = await askIssuer(parts, site, address, begun)
  const now = parts.clock.now()
  const authenticatedAt = authenticatedAtOf(claims, now)
  if (begun.isAgain && !isRecent(authenticatedAt, now))
    throw new SignInRefusedError('not-fresh', 'the issuer does not say that the person signed in just now')
  const begin = () =>
    parts.writer.transact([], async (tx) => {
      const user = await findOrCreateUser(tx, site, claims, client, now)
      const detail = { issuer: claims.iss }
      // Without a time the session is good for everything but what needs a fresh one.
      return beginSession(tx, user, client, { now, authenticatedAt: authenticatedAt ?? new Date(0), detail })
    })
  try {
    return await begin()
  } catch (error) {
    // Somebody took the name, or the same person came twice, at the same moment: now the row is there.
    if (isUniqueViolation(error, 'User', 'name') || isUniqueViolation(error, 'User', subjectFields))
      return begin()
    throw error
  }
}

const isRecent = (at: Date | null, now: Date): boolean =>
  at !== null && now.getTime() - at.getTime() <= freshMinutes * 60_000

type Identity = Claims & { iss: string; sub: string }

/** What the issuer says of the person: its ID token, and its user information where the token lacks a claim that is needed. */
async function askIssuer(
  { events }: Pick<Parts, 'events'>,
  site: SignInSite,
  address: URL,
  { state, nonce, codeVerifier, isAgain }: BegunSignIn,
): Promise<Identity> {
  const issuer = await findIssuer(events, site)
  const { nameClaim, rolesClaim } = site.signIn
  try {
    const tokens = await oidc.authorizationCodeGrant(issuer, address, {
      ...{
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      },
      ...(isAgain ? { maxAge: freshMinutes * 60 } : {}),
    })
    const claims = tokens.claims()
    if (!claims) throw new SignInRefusedError('failed', 'the issuer sends no ID token')
    const needed = [nameClaim, ...(rolesClaim === null ? [] : [rolesClaim])]
    const isWhole = needed.every((name) => claimOf(claims, name) !== undefined)
    if (isWhole || issuer.serverMetadata().userinfo_endpoint === undefined) return claims
    const more = await oidc.fetchUserInfo(issuer, tokens.access_token, claims.sub)
    return { ...more, ...claims }
  } catch (error) {
    if (isAgain && lacksTime(error))
      throw new SignInRefusedError('not-fresh', 'the issuer does not say when the person signed in')
    refused(error)
  }
}

/** Whether the library misses `auth_time`, or finds it too old. Its message names the claim. */
function lacksTime(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one.message.includes('auth_time') || one.message.includes('last End-User authentication')) return true
  return false
}

/** Throws SignInRefusedError. */
async function findOrCreateUser(
  tx: Transaction,
  { signIn }: SignInSite,
  claims: Identity,
  client: SignInClient,
  now: Date,
): Promise<User> {
  const { iss: oidcIssuer, sub: oidcSubject } = claims
  const known = await tx.user.findUnique({
    where: { oidcIssuer_oidcSubject: { oidcIssuer, oidcSubject } },
  })
  const { rolesClaim, roles } = signIn
  const role = rolesClaim === null ? null : roleOfClaims({ rolesClaim, roles }, claims)
  if (rolesClaim !== null && role === null)
    throw new SignInRefusedError('no-role', 'no group of the person has a role', known?.name ?? null)
  const act = { at: now, actor: actorOf(null, client) }
  if (known) {
    if (known.disabled) throw new SignInRefusedError('disabled', 'the user is disabled', known.name)
    if (role === null || role === known.role) return known
    await recordAudit(tx, {
      ...act,
      action: 'user.update',
      target: known.name,
      detail: { role: [known.role, role], issuer: oidcIssuer },
    })
    return tx.user.update({ where: { id: known.id }, data: { role } })
  }
  const name = claimOf(claims, signIn.nameClaim)
  if (!signIn.create) throw new SignInRefusedError('no-account', 'the person is no user')
  if (typeof name !== 'string' || !isUserName(name))
    throw new SignInRefusedError('no-name', `the claim ${signIn.nameClaim} is no name of a user`)
  if (await tx.user.findUnique({ where: { name }, select: { id: true } }))
    throw new SignInRefusedError('name-taken', 'another user has the name', name)
  const newRole: Role = role ?? 'READER'
  const row = { name, role: newRole, unrestricted: false, oidcIssuer, oidcSubject, ...decoyHash() }
  return createUser(tx, act, row)
}
