import { createHmac, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { RateLimiterRes } from 'rate-limiter-flexible'
import type { User } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { isUserName } from './add-user.ts'
import { ownAttemptLimits, type AttemptLimits } from './attempt-limits.ts'
import { authenticateSession } from './authenticate-session.ts'
import { authenticateToken } from './authenticate-token.ts'
import { BadCredentialsError, TooManyAttemptsError } from './bad-credentials.ts'
import type { Credentials } from './credentials.ts'
import { looksLikeJwt } from './token-text.ts'
import { createUseNotes } from './note-use.ts'
import type { Right } from './rights.ts'
import { viewerOf, type Viewer } from './viewer.ts'
import {
  decoyHash,
  hashPassword,
  isPassword,
  isWeak,
  scryptDefaults,
  spendDifference,
  type PasswordHash,
} from './password.ts'
import type { Deps } from '../deps.ts'

/** A user, as one who uploads. */
export type Uploader = { id: UserId; name: string; unrestricted: boolean }

/** Throws BadCredentialsError or TooManyAttemptsError. `address` is the client's. */
export type Authenticator = (credentials: Credentials | null, address: string) => Promise<Viewer>

const missing =
  'this needs a user: sign in, or send Basic credentials (curl: http://USER:PASSWORD@HOST/…) or a token'
const wrong = 'wrong user or password: check both, or let the operator run "hub user add"'

/** What a password alone allows to a user with a second factor: machines of the user go on uploading. */
const withoutSecondFactor: ReadonlySet<Right> = new Set(['read', 'upload'])

/** Maximum number of passwords that are hashed or wait for it. Hashing one takes about 100 ms. */
const defaultMaxWaitingChecks = 100

/** Names of users are not longer. */
const maxNameLength = 255

/** Waiting time for a client if that number is exceeded. */
const busyRetrySeconds = 10

/**
 * Checks passwords with scrypt, which is slow by design. One password is hashed at a time, because scrypt shares
 * its threads with all reading and writing of files.
 *
 * A correct password is cached for a day, as an HMAC under a key that is lost with the process. The user's row is
 * read each time, so a new password, a disabled user or a removed user takes effect at once.
 *
 * After ten wrong passwords for one user from one address, or fifty from one address, further attempts are refused
 * for five minutes. An attempt is counted before its password is checked, so the limit also holds for concurrent
 * attempts; a correct password removes its count. A cached password is accepted in spite of the limit, so nobody can
 * lock out the builders behind a reverse proxy that hides the addresses of clients. IPv6 addresses are counted by
 * their /64 network. Several servers count together (`limits`).
 *
 * A correct password whose hash is weaker than new ones is hashed anew, after the answer.
 *
 * `scryptN`: that of new hashes.
 */
export function createAuthenticator(
  deps: AuthenticatorDeps,
  {
    maxWaitingChecks = defaultMaxWaitingChecks,
    scryptN = scryptDefaults.scryptN,
    limits = ownAttemptLimits(),
  }: AuthenticatorOptions = {},
): Authenticator {
  const { db, clock, writer, background } = deps
  const key = randomBytes(32)
  const checks = new LRUCache<string, Promise<boolean>>({ max: 1_000, ttl: 24 * 3_600_000 })
  const noteUse = createUseNotes(deps)
  const oneAtATime = pLimit(1)
  // Counted before the first wait: a thousand attempts can arrive at once.
  let waitingChecks = 0
  // The password of an unknown or disabled user is compared with this one, so that the response takes the same time.
  const decoy = decoyHash(scryptN)

  return async (credentials, address) => {
    if (!credentials) throw new BadCredentialsError(missing)
    if (credentials.kind === 'token') {
      const text =
        deps.exchangeJwt && looksLikeJwt(credentials.text)
          ? (await deps.exchangeJwt(credentials.text, address)).text
          : credentials.text
      const viewer = await authenticateToken(db, text, { address, now: clock.now() })
      noteUse(viewer.credential, address)
      return viewer
    }
    if (credentials.kind === 'session')
      return authenticateSession({ db, writer }, credentials.secret, { address, now: clock.now() })
    const { name, password } = credentials
    const network = networkOf(address)
    // The address first: otherwise whoever tries many names would fill the table of names.
    const attempts = [
      { limiter: limits.ofAddress, key: network },
      { limiter: limits.ofPair, key: `${network}\n${name.slice(0, maxNameLength)}` },
    ]

    const found = isUserName(name) ? await db.user.findUnique({ where: { name } }) : null
    const user = found?.disabled ? null : found
    const stored = user ?? decoy
    const token = createHmac('sha256', key)
      .update(stored.passwordHash)
      .update(stored.passwordSalt)
      .update(JSON.stringify([name, password]))
      .digest('hex')

    // A running check is cached, too: two hundred concurrent uploads of one user need one check.
    const known = checks.get(token)
    const check = known ?? countedCheck(attempts, password, stored)
    if (!known) {
      checks.set(token, check)
      const isRight = await check.catch(() => false)
      if (!isRight) checks.delete(token)
    }
    if (!(await check) || !user) throw new BadCredentialsError(wrong)
    if (!known && isWeak(user, scryptN)) background.run('hash a password anew', () => renew(user, password))
    return viewerOf(user, { kind: 'password' }, user.totpSecret === null ? undefined : withoutSecondFactor)
  }

  async function countedCheck(attempts: readonly Attempt[], password: string, stored: PasswordHash) {
    if (waitingChecks >= maxWaitingChecks) throw new TooManyAttemptsError(busyRetrySeconds)
    waitingChecks += 1
    try {
      await consumeAll(attempts)
      const isRight = await oneAtATime(() => isPassword(password, stored))
      if (isRight) await Promise.all(attempts.map(({ limiter, key }) => limiter.reward(key)))
      else await oneAtATime(() => spendDifference(stored, scryptN))
      return isRight
    } finally {
      waitingChecks -= 1
    }
  }

  /** A password that was changed meanwhile stays as it is. The salt stays: it tells whether the password is the same. */
  async function renew({ id, passwordHash, passwordSalt }: User, password: string): Promise<void> {
    const hash = await oneAtATime(() => hashPassword(password, scryptN, passwordSalt))
    await writer.transact([], (tx) => tx.user.updateMany({ where: { id, passwordHash }, data: hash }))
  }
}

export type AuthenticatorDeps = Pick<Deps, 'background' | 'clock' | 'db' | 'writer'> &
  Partial<Pick<Deps, 'exchangeJwt'>>

type AuthenticatorOptions = { maxWaitingChecks?: number; scryptN?: number; limits?: AttemptLimits }

/** A counter of attempts, and its key: a user at an address, or an address. */
type Attempt = { limiter: AttemptLimits['ofPair']; key: string }

/** Counts an attempt. Throws TooManyAttemptsError if one of the limits is reached. */
export async function consumeAll(attempts: readonly Attempt[], what?: string): Promise<void> {
  for (const { limiter, key } of attempts) {
    await limiter.consume(key).catch((reason: unknown) => {
      // Rejecting with its state is how the limiter says "no points left".
      if (!(reason instanceof RateLimiterRes)) throw reason
      throw new TooManyAttemptsError(Math.ceil(reason.msBeforeNext / 1000), what)
    })
  }
}

/** The /64 network of an IPv6 address, because one client usually owns the whole network. Other addresses unchanged. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain) || plain.includes('.')) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}
