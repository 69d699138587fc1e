import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import * as z from 'zod'
import { recordAudit } from '../audit/record-audit.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { readIdentityFile, type TrustedPublisher } from '../settings/identity-file.ts'
import { consumeAll, networkOf } from '../users/authenticate.ts'
import { BadCredentialsError } from '../users/bad-credentials.ts'
import { isJobOf } from '../users/scopes.ts'
import { sha256Of } from '../users/token-text.ts'
import { addToken, type CreatedToken } from '../users/tokens.ts'
import { safeFetch } from '../safe-request.ts'

const algorithms = ['RS256', 'ES256', 'EdDSA']
const clockToleranceSeconds = 60
const tokenMinutes = 15
const cacheMs = 600_000
const cooldownMs = 30_000
/** Of one network, in five minutes. A token that is accepted is not counted: builders share an address. */
const maxRefused = 60

const refused =
  'this JSON Web Token is not accepted: it may be expired, used before, or of no trusted publisher; the log of the server says more'

/** Takes a JSON Web Token of a trusted publisher, and gives a token of 15 minutes for its jobs. Throws BadCredentialsError, TooManyAttemptsError. */
export type JwtExchange = (jwt: string, address: string) => Promise<CreatedToken>

type ExchangeDeps = Pick<Deps, 'clock' | 'config' | 'log' | 'writer'>

/** Keys of issuers are remembered for ten minutes. A change of the identity file counts at once. */
export function createJwtExchange(deps: ExchangeDeps): JwtExchange {
  const { clock, config, log, writer } = deps
  const attempts = new RateLimiterMemory({ points: maxRefused, duration: 300 })
  const keysOfIssuers = new LRUCache<string, Promise<ReturnType<typeof createRemoteJWKSet>>>({
    max: 100,
    ttl: cacheMs,
  })

  function keysOf(issuer: string, allowsPrivate: boolean) {
    const key = JSON.stringify([issuer, allowsPrivate])
    let keys = keysOfIssuers.get(key)
    if (!keys) {
      keys = findKeys(issuer, allowsPrivate)
      keysOfIssuers.set(key, keys)
      // The next token after a failure asks again.
      keys.catch(() => keysOfIssuers.delete(key))
    }
    return keys
  }

  /** Throws an error of `jose`, of the network, or NotPublisherError. */
  async function verify(jwt: string): Promise<{ payload: JWTPayload; publisher: TrustedPublisher }> {
    const { allowsPrivateIssuers, trustedPublishers } = readIdentityFile(config.identityFile)
    const { iss } = decodeJwt(jwt)
    const ofIssuer = trustedPublishers.filter(({ issuer }) => issuer === iss)
    if (iss === undefined || ofIssuer.length === 0)
      throw new NotPublisherError('its issuer is not in the identity file')
    const { payload } = await jwtVerify(jwt, await keysOf(iss, allowsPrivateIssuers), {
      ...{ algorithms, issuer: iss, audience: ofIssuer.map(({ audience }) => audience) },
      ...{ clockTolerance: clockToleranceSeconds, currentDate: clock.now(), requiredClaims: ['exp'] },
    })
    const publisher = ofIssuer.find((one) => isOf(one, payload))
    if (!publisher) throw new NotPublisherError('no trusted publisher has these claims')
    return { payload, publisher }
  }

  return async (jwt, address) => {
    const attempt = { limiter: attempts, key: networkOf(address) }
    await consumeAll([attempt], 'JSON Web Tokens that are not accepted')
    let verified
    try {
      verified = await verify(jwt)
      await attempts.reward(attempt.key)
    } catch (error) {
      // A fault of the identity file, an issuer that does not answer, or a wrong token.
      log.warn({ err: error, address }, 'a JSON Web Token was refused')
      throw new BadCredentialsError(refused)
    }
    const { payload, publisher } = verified
    const { iss = '', jti, sub = '', exp = 0 } = payload
    const at = clock.now()
    const actor = { name: publisher.user, via: 'nobody' as const, credential: null, address, requestId: null }
    try {
      return await writer.transact([], async (tx) => {
        await tx.usedJwt.deleteMany({ where: { expiresAt: { lt: at } } })
        const expiresAt = new Date((exp + clockToleranceSeconds) * 1000)
        await tx.usedJwt.create({
          data: { sha256: sha256Of(JSON.stringify([iss, jti ?? signedPartOf(jwt)])), expiresAt },
        })
        const created = await addToken(
          tx,
          { actor, at },
          {
            userName: publisher.user,
            name: `trusted publisher ${new URL(iss).host}`.slice(0, 100),
            scopes: publisher.jobs.map((job) => `upload:${job}`),
            expiresAt: new Date(at.getTime() + tokenMinutes * 60_000),
          },
        )
        const claims = Object.fromEntries(Object.keys(publisher.claims).map((name) => [name, payload[name]]))
        const detail = { issuer: iss, subject: sub.slice(0, 500), claims }
        await recordAudit(tx, { at, actor, action: 'token.exchange', target: created.prefix, detail })
        return created
      })
    } catch (error) {
      const isUsed = isUniqueViolation(error, 'UsedJwt', 'sha256')
      if (!isUsed && !(error instanceof DomainError)) throw error
      log.warn({ err: isUsed ? undefined : error, isUsed, address }, 'a JSON Web Token was refused')
      throw new BadCredentialsError(refused)
    }
  }
}

/**
 * Header and payload: what is signed. The signature is no part of what a token is: of one of ECDSA, whoever has it makes another that is
 * right, too.
 */
const signedPartOf = (jwt: string): string => jwt.slice(0, jwt.lastIndexOf('.'))

/** No trusted publisher sends this token. */
class NotPublisherError extends DomainError {
  override readonly name = 'NotPublisherError'
}

function isOf({ audience, claims }: TrustedPublisher, payload: JWTPayload): boolean {
  const audiences = [payload.aud ?? []].flat()
  return (
    audiences.includes(audience) &&
    Object.entries(claims).every(([name, pattern]) => {
      const value = payload[name]
      const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
      return isPlain && isJobOf(pattern, String(value))
    })
  )
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

async function findKeys(issuer: string, allowsPrivate: boolean) {
  const fetchSafely = (url: string) => safeFetch(url, { allowsPrivate })
  const answer = await fetchSafely(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const metadata = Metadata.parse(await answer.json())
  if (metadata.issuer !== issuer)
    throw new errors.JWTInvalid(`the metadata of ${issuer} are of the issuer ${metadata.issuer}`)
  return createRemoteJWKSet(new URL(metadata.jwks_uri), {
    ...{ cacheMaxAge: cacheMs, cooldownDuration: cooldownMs, [customFetch]: fetchSafely },
  })
}
