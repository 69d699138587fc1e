import { createHmac, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { DomainError } from '../errors.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { hashPassword, isPassword, type PasswordHash } from './password.ts'

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

/** Passwords that wait to be hashed, at most. One takes some 50 ms. */
const maxWaitingChecks = 100

/** How long a client waits when more are waiting. */
const busyRetrySeconds = 10

/**
 * Checks passwords with scrypt, which is slow by design. One password is hashed at a time, because scrypt shares
 * its threads with all reading and writing of files.
 *
 * A password that was right is remembered for a day, as an HMAC under a key that dies with the process. The user's
 * row is read each time, so a new password, a disabled user or a removed user counts at once.
 *
 * Ten wrong passwords for one user from one address, or fifty from one address, close the door for five minutes.
 * An attempt is counted before its password is checked, so the limit also holds for attempts at the same time; a
 * right password takes its count back. A remembered password passes a closed door: behind a reverse proxy that
 * hides the clients' addresses, nobody can lock out the builders. Addresses of IPv6 count by their /64 network.
 */
export function createAuthenticator(db: PrismaClient): Authenticator {
  const key = randomBytes(32)
  const checks = new LRUCache<string, Promise<boolean>>({ max: 1_000, ttl: 24 * 3_600_000 })
  const pairAttempts = new RateLimiterMemory({ points: 10, duration: 300 })
  const addressAttempts = new RateLimiterMemory({ points: 50, duration: 300 })
  const oneAtATime = pLimit(1)
  // An unknown user's password is compared with this one, so that the answer takes as long.
  const decoy = hashPassword(randomBytes(16).toString('hex'))

  return async (credentials, address) => {
    if (!credentials) throw new BadCredentialsError(missing)
    const { name, password } = credentials
    const network = networkOf(address)
    const attempts = [
      { limiter: pairAttempts, key: `${network}\n${name}` },
      { limiter: addressAttempts, key: network },
    ]

    const user = await db.user.findUnique({ where: { name } })
    const stored = user ?? (await decoy)
    const token = createHmac('sha256', key)
      .update(stored.passwordHash)
      .update(stored.passwordSalt)
      .update(JSON.stringify([name, password]))
      .digest('hex')

    // Kept while it runs, too: of two hundred uploads that arrive at once, one pays.
    const known = checks.get(token)
    const check = known ?? countedCheck(attempts, password, stored)
    if (!known) {
      checks.set(token, check)
      const isRight = await check.catch(() => false)
      if (!isRight) checks.delete(token)
    }
    if (!(await check) || !user || user.disabled) throw new BadCredentialsError(wrong)
    return { id: user.id, name: user.name, unrestricted: user.unrestricted }
  }

  async function countedCheck(attempts: readonly Attempt[], password: string, stored: PasswordHash) {
    if (oneAtATime.pendingCount >= maxWaitingChecks) throw new TooManyAttemptsError(busyRetrySeconds)
    await consumeAll(attempts)
    const isRight = await oneAtATime(() => isPassword(password, stored))
    if (isRight) await Promise.all(attempts.map(({ limiter, key }) => limiter.reward(key)))
    return isRight
  }
}

/** A count of attempts to log in, and what it counts for: a user at an address, or an address. */
type Attempt = { limiter: RateLimiterMemory; key: string }

/** Throws TooManyAttemptsError when one of the limits is reached. */
async function consumeAll(attempts: readonly Attempt[]): Promise<void> {
  for (const { limiter, key } of attempts) {
    await limiter.consume(key).catch((reason: unknown) => {
      // Rejecting with its state is how the limiter says "no points left".
      if (!(reason instanceof RateLimiterRes)) throw reason
      throw new TooManyAttemptsError(Math.ceil(reason.msBeforeNext / 1000))
    })
  }
}

/** The /64 network of an IPv6 address, which one client owns as a whole; any other address as it is. */
function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain) || plain.includes('.')) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}
