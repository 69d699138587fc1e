import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import * as z from 'zod'
import { actorOf, type Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { UserId } from '../ids.ts'
import { perServer } from '../per-server.ts'
import { NotSealedError, seal, unseal } from '../secrets/seal.ts'
import { siteKey } from '../secrets/site-key.ts'
import { findUser } from '../users/find-user.ts'
import type { Viewer } from '../users/viewer.ts'
import { isMailAddress } from './mail-address.ts'
import { mailSettingsOf, type MailSettings } from './mail-settings.ts'
import { BadAddressError, MailUnavailableError } from './notification-errors.ts'
import { writePlainMail } from './plain-mail.ts'
import { testSubject, testText } from './test-message.ts'
import { isTimeZone, type QuietHours } from './quiet-hours.ts'

const confirmationMs = 7 * 86_400_000

/** Mails that a user asks for: nobody can be flooded from here. */
const limiters = perServer(() => new RateLimiterMemory({ points: 5, duration: 3_600 }))

type Parts = Pick<Deps, 'clock' | 'config' | 'events' | 'writer'> & { address: string; requestId: string }

/** Seals `ADDRESS` and the end of its time for a user, so that nothing has to be stored until it is confirmed. */
function confirmationCode(key: Uint8Array, userId: UserId, email: string, now: Date): string {
  const content = JSON.stringify([email, now.getTime() + confirmationMs])
  return Buffer.from(seal(key, purposeOf(userId), Buffer.from(content))).toString('base64url')
}

const purposeOf = (userId: UserId) => `address of user ${userId}`

/**
 * Sets where notifications go, and sends a mail there by which it is confirmed; null: nowhere. Throws BadAddressError,
 * MailUnavailableError.
 */
export async function setEmail(parts: Parts, viewer: Viewer, email: string | null): Promise<void> {
  const { clock, config, events, writer } = parts
  const now = clock.now()
  const act = { actor: actorOf(viewer, parts), at: now }
  if (email === null)
    return writer.transact([], (tx) => storeAddress(tx, act, viewer, { email: null, confirmedAt: null }))
  checkAddress(email)
  const settings = requireSettings(config)
  await countMail(events, viewer.id)
  const code = confirmationCode(siteKey(config.dataDir), viewer.id, email, now)
  const link = `${settings.siteUrl}/account?confirm-email=${code}`
  await writer.transact(['tasks'], async (tx) => {
    await storeAddress(tx, act, viewer, { email, confirmedAt: null })
    await writePlainMail(tx, settings, now, {
      ...{ userId: viewer.id, recipient: email, kind: 'CONFIRMATION' },
      subject: 'Confirm your address for notifications',
      paragraphs: [
        `The user ${viewer.name} of ${settings.siteUrl} wants notifications of builds at this address.`,
        'If that is you, open this page while you are signed in, and confirm it. If not, do nothing: nothing more will come.',
      ],
      link,
    })
  })
}

/** Confirms the address by the code of the mail. Throws BadAddressError. */
export async function confirmEmail(parts: Parts, viewer: Viewer, code: string): Promise<void> {
  const { clock, config, writer } = parts
  const now = clock.now()
  const email = addressOfCode(siteKey(config.dataDir), viewer.id, code, now)
  await writer.transact([], async (tx) => {
    const { count } = await tx.user.updateMany({
      where: { id: viewer.id, email },
      data: { emailConfirmedAt: now, emailProblem: null },
    })
    if (count === 0) throw new BadAddressError('your address is another one meanwhile: use the newest mail')
    // What has come together while nothing could be sent is no news any more.
    await tx.notification.deleteMany({ where: { userId: viewer.id, mailId: null } })
  })
}

/** An address, and until when it may be confirmed: milliseconds since 1970. */
const Confirmation = z.tuple([z.string(), z.number()])

function addressOfCode(key: Uint8Array, userId: UserId, code: string, now: Date): string {
  try {
    const content = unseal(key, purposeOf(userId), Buffer.from(code, 'base64url')).toString()
    const [email, until] = Confirmation.parse(JSON.parse(content))
    if (until < now.getTime()) throw new BadAddressError('the mail is too old: give the address again')
    return email
  } catch (error) {
    if (!(error instanceof NotSealedError)) throw error
    throw new BadAddressError(
      'this is no confirmation for you: open the newest mail, signed in as the same user',
    )
  }
}

/** Sends a mail that shows that mails arrive. Throws BadAddressError, MailUnavailableError. */
export async function sendTestMail(
  { clock, config, events, writer }: Pick<Deps, 'clock' | 'config' | 'events' | 'writer'>,
  userId: UserId,
): Promise<string> {
  const settings = requireSettings(config)
  await countMail(events, userId)
  return writer.transact(['tasks'], (tx) => writeTestMail(tx, settings, userId, clock.now()))
}

/** As `sendTestMail`, without a limit: for commands. Returns the address. */
export async function writeTestMail(
  tx: Transaction,
  settings: MailSettings,
  userId: UserId,
  now: Date,
): Promise<string> {
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId } })
  const { email, emailConfirmedAt, emailProblem } = user
  if (email === null || emailConfirmedAt === null)
    throw new BadAddressError('there is no confirmed address: give one, and open the mail that comes')
  if (emailProblem !== null) throw new BadAddressError(`the mail server refuses ${email}: ${emailProblem}`)
  await writePlainMail(tx, settings, now, {
    ...{ userId, recipient: email, kind: 'TEST', subject: testSubject },
    paragraphs: [testText],
    link: `${settings.siteUrl}/account#notifications`,
  })
  return email
}

/** For administrators: sets the address of a user as confirmed; empty: removes it. Throws UserNotFoundError, BadAddressError. */
export async function setEmailOfUser(writer: Writer, act: Act, name: string, email: string): Promise<void> {
  if (email !== '') checkAddress(email)
  await writer.transact([], async (tx) => {
    const user = await findUser(tx, name)
    const address = email === '' ? { email: null, confirmedAt: null } : { email, confirmedAt: act.at }
    await storeAddress(tx, act, user, address)
  })
}

/** When nothing is sent. Throws BadAddressError. */
export async function setQuietHours(writer: Writer, userId: UserId, hours: QuietHours): Promise<void> {
  const { quietFrom, quietUntil, timeZone } = hours
  const isMinute = (minute: number | null) =>
    minute === null || (Number.isInteger(minute) && minute >= 0 && minute < 1_440)
  if (!isMinute(quietFrom) || !isMinute(quietUntil) || (quietFrom === null) !== (quietUntil === null))
    throw new BadAddressError('quiet hours have a beginning and an end, in minutes of the day from 0 to 1439')
  if (!isTimeZone(timeZone))
    throw new BadAddressError('the time zone is not known: name one such as UTC or Europe/Berlin')
  await writer.transact([], (tx) =>
    tx.user.update({ where: { id: userId }, data: hours, select: { id: true } }),
  )
}

type Address = { email: string | null; confirmedAt: Date | null }

async function storeAddress(
  tx: Transaction,
  act: Act,
  { id, name }: { id: UserId; name: string },
  { email, confirmedAt }: Address,
): Promise<void> {
  await tx.user.update({
    where: { id },
    data: { email, emailConfirmedAt: confirmedAt, emailProblem: null },
    select: { id: true },
  })
  await tx.notification.deleteMany({ where: { userId: id, mailId: null } })
  // The audit log is for ever: it has no addresses.
  const detail = { isSet: email !== null, isConfirmed: confirmedAt !== null }
  await recordAudit(tx, { ...act, action: 'user.email', target: name, detail })
}

function checkAddress(email: string): void {
  if (!isMailAddress(email))
    throw new BadAddressError('this is no e-mail address: write it as name@example.org')
}

function requireSettings(config: Deps['config']): MailSettings {
  const settings = mailSettingsOf(config)
  if (!settings)
    throw new MailUnavailableError(
      'this site sends no mail: its operator sets --smtp-url, --mail-from and --public-url',
    )
  return settings
}

async function countMail(events: Deps['events'], userId: UserId): Promise<void> {
  try {
    await limiters(events).consume(userId)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    throw new MailUnavailableError('you have asked for five mails in an hour: try again later')
  }
}
