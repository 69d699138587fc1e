import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { DomainError } from '../errors.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { hashPassword, isPassword } from './password.ts'

/** Somebody whose password was right. */
export type Uploader = { id: UserId; name: string; unrestricted: boolean }

/** No, or wrong, credentials. Says the same for an unknown user as for a wrong password. */
export class BadCredentialsError extends DomainError {
  override readonly name = 'BadCredentialsError'
}

/** Too many wrong passwords for this user from this address. */
export class TooManyAttemptsError extends DomainError {
  override readonly name = 'TooManyAttemptsError'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super(`too many wrong passwords: wait ${retryAfterSeconds} seconds, then try again`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type Credentials = { name: string; password: string }

/** Throws BadCredentialsError or TooManyAttemptsError. `address` is the client's. */
export type Authenticator = (credentials: Credentials | null, address: string) => Promise<Uploader>

const missing = 'this needs a user: send Basic credentials (curl: http://USER:PASSWORD@HOST/…)'
const wrong = 'wrong user or password: check both, or let the operator run "hub user add"'

/**
 * Checks passwords: scrypt, which is slow by design, so what was verified is remembered for a
 * minute, as an HMAC under a key that dies with the process. The user's row is read each time:
 * a new password, a disabled or removed user count at once.
 *
 * Ten wrong passwords for one user from one address, or fifty from one address, close the
 * door to them for five minutes; others are not affected.
 */
export function createAuthenticator(db: PrismaClient): Authenticator {
  const key = randomBytes(32)
  const checks = new LRUCache<string, Promise<boolean>>({ max: 1_000, ttl: 60_000 })
  const pairFailures = new RateLimiterMemory({ points: 10, duration: 300 })
  const addressFailures = new RateLimiterMemory({ points: 50, duration: 300 })
  // What an unknown user's password is compared with, so that it takes as long.
  const decoy = hashPassword(randomBytes(16).toString('hex'))

  return async (credentials, address) => {
    if (!credentials) throw new BadCredentialsError(missing)
    const { name, password } = credentials
    const pair = `${address}\n${name}`
    for (const state of [await pairFailures.get(pair), await addressFailures.get(address)]) {
      if (state && state.remainingPoints <= 0)
        throw new TooManyAttemptsError(Math.ceil(state.msBeforeNext / 1000))
    }

    const user = await db.user.findUnique({ where: { name } })
    const stored = user ?? (await decoy)
    const token = createHmac('sha256', key)
      .update(stored.passwordHash)
      .update(stored.passwordSalt)
      .update(password)
      .digest('hex')
    const check = checks.get(token) ?? isPassword(password, stored)
    // Kept while it runs, too: of two hundred uploads that arrive at once, one pays.
    checks.set(token, check)
    if (!(await check) || !user || user.disabled) {
      checks.delete(token)
      await Promise.all([countFailure(pairFailures, pair), countFailure(addressFailures, address)])
      throw new BadCredentialsError(wrong)
    }
    return { id: user.id, name: user.name, unrestricted: user.unrestricted }
  }
}

async function countFailure(limiter: RateLimiterMemory, key: string): Promise<void> {
  await limiter.consume(key).catch((reason: unknown) => {
    // Rejecting with its state is how the limiter says "no points left".
    if (!(reason instanceof RateLimiterRes)) throw reason
  })
}
