import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { actorOf, type Actor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { User } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { NotSealedError, seal, unseal } from '../secrets/seal.ts'
import { siteKey } from '../secrets/site-key.ts'
import { findUser } from '../users/find-user.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { sha256Of } from '../users/token-text.ts'
import { countCodeAttempt } from './code-attempts.ts'
import { endSessionsOf } from './end-sessions.ts'
import type { SessionViewer } from './require-fresh-session.ts'

const stepSeconds = 30
/** Steps that the clock of a telephone may be early or late. */
const window = 1
const secretBytes = 20
const recoveryCodeCount = 10

/** Whoever has a new secret confirms it by a code within this time. */
const ticketMs = 15 * 60_000

const purposeOf = (id: UserId) => `second factor of user ${id}`
const ticketPurposeOf = (id: UserId) => `new second factor of user ${id}`

/** A secret that is not in force yet. `ticket` comes back with a code, so that nothing has to be stored until then. */
export type NewSecondFactor = { secret: string; uri: string; ticket: string }

type Parts = Pick<Deps, 'clock' | 'config' | 'writer'> & { address: string; requestId: string }

/** A new secret for the viewer's telephone. `site`: name of the site there. */
export function startSecondFactor(
  { clock, config }: Pick<Deps, 'clock' | 'config'>,
  { id, name }: Pick<SessionViewer, 'id' | 'name'>,
  site: string,
): NewSecondFactor {
  const secret = new Secret({ size: secretBytes })
  const until = Buffer.alloc(8)
  until.writeBigInt64BE(BigInt(clock.now().getTime() + ticketMs))
  const sealed = seal(siteKey(config.dataDir), ticketPurposeOf(id), Buffer.concat([until, secret.bytes]))
  return {
    secret: secret.base32,
    uri: totpOf(secret, { issuer: site, label: name }).toString(),
    ticket: Buffer.from(sealed).toString('base64url'),
  }
}

/**
 * Puts a new secret into force if the code is right, and there is none yet. Ends the other sessions of the viewer. Returns
 * recovery codes, which are stored only as hashes. Throws NotAuthorizedError.
 */
export async function enableSecondFactor(
  { clock, config, writer, ...from }: Parts,
  viewer: SessionViewer,
  { ticket, code }: { ticket: string; code: string },
): Promise<string[]> {
  const key = siteKey(config.dataDir)
  const now = clock.now()
  const secret = secretOfTicket(key, viewer.id, ticket, now)
  await countCode({ clock, writer }, viewer.id, code, from.address)
  const step = stepOfCode(secret, code, now)
  if (step === null) throw wrongCode()
  const codes = Array.from({ length: recoveryCodeCount }, makeRecoveryCode)
  await writer.transact([], async (tx) => {
    const totpSecret = seal(key, purposeOf(viewer.id), secret)
    const { count } = await tx.user.updateMany({
      where: { id: viewer.id, totpSecret: null },
      data: { totpSecret, totpStep: step },
    })
    if (count === 0) throw new NotAuthorizedError('there is a second factor already: disable it first')
    // Whoever signed in with the password alone has to sign in again.
    await endSessionsOf(tx, viewer.id, { except: viewer.credential.id })
    await tx.recoveryCode.deleteMany({ where: { userId: viewer.id } })
    await tx.recoveryCode.createMany({
      data: codes.map((text) => ({ userId: viewer.id, sha256: sha256Of(plainCode(text)) })),
    })
    const entry = { at: now, actor: actorOf(viewer, from), target: viewer.name }
    await recordAudit(tx, { ...entry, action: 'user.second-factor', detail: { isEnabled: true } })
  })
  return codes
}

/** Takes the second factor from the viewer, whose password was checked, if the code is right. Throws NotAuthorizedError. */
export async function disableSecondFactor(parts: Parts, viewer: SessionViewer, code: string): Promise<void> {
  const { clock, config, writer, ...from } = parts
  await countCode({ clock, writer }, viewer.id, code, from.address)
  await writer.transact([], async (tx) => {
    const user = await tx.user.findUniqueOrThrow({ where: { id: viewer.id } })
    if (user.totpSecret === null) return
    await useCode(tx, { config }, user, code, clock.now())
    await clearSecondFactor(tx, user.id)
    const entry = { at: clock.now(), actor: actorOf(viewer, from), target: viewer.name }
    await recordAudit(tx, { ...entry, action: 'user.second-factor', detail: { isEnabled: false } })
  })
}

/**
 * For administrators: takes the second factor from a user who has lost it. Returns false if there was none. Throws
 * UserNotFoundError.
 */
export async function removeSecondFactor(
  writer: Writer,
  { actor, at }: { actor: Actor; at: Date },
  name: string,
): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const { id } = await findUser(tx, name)
    if (!(await clearSecondFactor(tx, id))) return false
    const entry = { at, actor, target: name }
    await recordAudit(tx, { ...entry, action: 'user.second-factor', detail: { isEnabled: false } })
    return true
  })
}

async function clearSecondFactor(tx: Transaction, id: UserId): Promise<boolean> {
  await tx.recoveryCode.deleteMany({ where: { userId: id } })
  const { count } = await tx.user.updateMany({
    where: { id, totpSecret: { not: null } },
    data: { totpSecret: null, totpStep: null },
  })
  return count > 0
}

/**
 * Accepts a code of the second factor, or a recovery code, in the transaction that it is for: each counts once. Throws
 * NotAuthorizedError. Call `countCode` before.
 */
export async function useCode(
  tx: Transaction,
  { config }: Pick<Deps, 'config'>,
  { id, totpSecret }: Pick<User, 'id' | 'totpSecret'>,
  given: string,
  now: Date,
): Promise<void> {
  const code = plainCode(given)
  if (!isTotpCode(code)) {
    const { count } = await tx.recoveryCode.updateMany({
      where: { userId: id, sha256: sha256Of(code), usedAt: null },
      data: { usedAt: now },
    })
    if (count === 0) throw wrongCode()
    return
  }
  if (totpSecret === null) throw wrongCode()
  const step = stepOfCode(openSecret(siteKey(config.dataDir), id, totpSecret), code, now)
  if (step === null) throw wrongCode()
  const { count } = await tx.user.updateMany({
    where: { id, OR: [{ totpStep: null }, { totpStep: { lt: step } }] },
    data: { totpStep: step },
  })
  if (count === 0)
    throw new NotAuthorizedError('this code was used already: wait for the next one', 'UNAUTHENTICATED')
}

/** Counts a code before it is checked. Throws NotAuthorizedError after too many. */
export const countCode = (
  parts: Pick<Deps, 'clock' | 'writer'>,
  userId: UserId,
  given: string,
  address: string,
): Promise<void> => countCodeAttempt(parts, { userId, isRecovery: !isTotpCode(plainCode(given)), address })

/** How many recovery codes of a user are left. */
export const countRecoveryCodes = (db: Pick<Deps['db'], 'recoveryCode'>, userId: UserId): Promise<number> =>
  db.recoveryCode.count({ where: { userId, usedAt: null } })

function totpOf(secret: Secret, { issuer = '', label = '' }: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits: 6, period: stepSeconds })
}

/** The time step of a code, at most one away from now; null if the code is wrong. Source: RFC 6238. */
function stepOfCode(secret: Uint8Array, given: string, now: Date): number | null {
  const code = plainCode(given)
  if (!isTotpCode(code)) return null
  const buffer = Uint8Array.from(secret).buffer
  const delta = totpOf(new Secret({ buffer })).validate({ token: code, timestamp: now.getTime(), window })
  return delta === null ? null : Math.floor(now.getTime() / 1000 / stepSeconds) + delta
}

/** Otherwise it is a recovery code. */
const isTotpCode = (code: string): boolean => /^\d{6}$/.test(code)

/** People type codes in groups, and as they like. */
const plainCode = (text: string): string => text.replace(/[\s-]/g, '').toLowerCase()

/** Without letters and digits that look alike. There are 32: 16 characters have 80 bits. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

function makeRecoveryCode(): string {
  const text = [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join('')
  return text.replace(/(.{4})(?!$)/g, '$1-')
}

function secretOfTicket(key: Buffer, id: UserId, ticket: string, now: Date): Buffer {
  const tooLate = new NotAuthorizedError('this took too long: begin with a new picture')
  try {
    const opened = unseal(key, ticketPurposeOf(id), Buffer.from(ticket, 'base64url'))
    if (Number(opened.readBigInt64BE(0)) < now.getTime()) throw tooLate
    return opened.subarray(8)
  } catch (error) {
    throw error instanceof NotSealedError ? tooLate : error
  }
}

function openSecret(key: Buffer, id: UserId, sealed: Uint8Array): Buffer {
  try {
    return unseal(key, purposeOf(id), sealed)
  } catch (error) {
    if (!(error instanceof NotSealedError)) throw error
    throw new NotAuthorizedError(
      'the key of the second factor is not on this server: use a recovery code, or let an administrator remove the second factor',
    )
  }
}

const wrongCode = () =>
  new NotAuthorizedError(
    'wrong code: check the clock of the telephone, then try the next one',
    'UNAUTHENTICATED',
  )
