import * as z from 'zod'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { MailId, NotificationId } from '../ids.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import { collectNotifications, writeNotifications, type Collected } from './collect.ts'
import { findReminders } from './reminders.ts'
import { composeMails, type Composed, type ComposeParts } from './compose.ts'
import { sendMailKind, writeMail } from './mail.ts'
import { mailSettingsOf, type MailSettings } from './mail-settings.ts'

const { sql, join } = Prisma

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Mails are kept so long after they were written, and notifications. */
const keptMailDays = 60
const keptNotificationDays = 60

const Progress = z.object({ cursor: z.number(), cleanedAt: z.coerce.date().nullable() })

type Outcome = Collected & {
  composed: Composed
  settings: MailSettings | null
  now: Date
  cleanedAt: Date | null
  isCleaning: boolean
}

export const notifyKind = 'NOTIFY'

/**
 * Once a minute: finds who is to be told of new events, and writes the mails that are due. Mails are sent by tasks of their own. Once a
 * day it looks for reminders, and removes old mails and notifications. Where no mail server is configured, events pass without a notification.
 */
export function notifyHandler(
  parts: ComposeParts & Pick<Deps, 'clock' | 'config' | 'db'>,
): TaskHandler<Outcome> {
  const { clock, config, db } = parts
  return {
    ...{ kind: notifyKind, version: 1, slots: { max: 1 }, yieldsToUploads: false },
    ...{ maxAttempts: 5, retryPauseMs: minuteMs, standing: { everyMs: minuteMs } },
    // Comparisons have limits of their own.
    timeoutMs: 10 * minuteMs,
    async run({ progress }) {
      const now = clock.now()
      const known = parseProgress(progress)
      const settings = mailSettingsOf(config)
      const collected = await collectNotifications(db, known?.cursor ?? null, now)
      const stillComing = new Set(collected.notifications.map(({ userId }) => userId))
      const cleanedAt = known?.cleanedAt ?? null
      const isCleaning = cleanedAt === null || now.getTime() - cleanedAt.getTime() >= dayMs
      const reminders = isCleaning ? await findReminders(db, now) : []
      return {
        ...collected,
        notifications: settings ? [...collected.notifications, ...reminders] : [],
        composed: settings ? await composeMails(parts, settings, stillComing) : { mails: [], postponed: [] },
        ...{ settings, now, cleanedAt, isCleaning },
      }
    },
    record: ({ cursor, cleanedAt, isCleaning, now, hasMore }) => ({
      progress: JSON.stringify({ cursor, cleanedAt: isCleaning ? now : cleanedAt }),
      isPartial: hasMore,
    }),
    changes: (outcome) => (outcome && outcome.composed.mails.length > 0 ? ['tasks'] : []),
    async complete(tx, _task, { notifications, composed, settings, now, isCleaning }) {
      await writeNotifications(tx, notifications)
      for (const { digest, cause, notifications: ids } of composed.postponed)
        await updateNotifications(tx, ids, sql`digest = ${digest}, cause = ${cause}`)
      for (const { mail, cause, notifications: ids } of composed.mails) {
        if (!settings) break
        const id = await writeMail(tx, mail, settings.siteUrl, now)
        if (id !== null) await noteMail(tx, ids, id, cause)
      }
      if (isCleaning) await removeOld(tx, now)
    },
  }
}

/** A notification that a digest tells keeps the cause that it has. */
async function noteMail(
  tx: Transaction,
  ids: readonly NotificationId[],
  mailId: MailId,
  cause: string | null,
): Promise<void> {
  await updateNotifications(
    tx,
    ids,
    cause === null ? sql`"mailId" = ${mailId}` : sql`"mailId" = ${mailId}, cause = ${cause}`,
  )
}

/** Raw SQL: Prisma reads the rows first. */
async function updateNotifications(
  tx: Transaction,
  ids: readonly NotificationId[],
  set: Prisma.Sql,
): Promise<void> {
  for (const slice of slicesOf(ids, parametersPerStatement))
    await tx.$executeRaw(
      sql`UPDATE "Notification" SET ${set} WHERE id IN (${join(slice)}) AND "mailId" IS NULL`,
    )
}

async function removeOld(tx: Transaction, now: Date): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * dayMs)
  const old = await tx.mail.findMany({
    where: { createdAt: { lt: before(keptMailDays) } },
    select: { id: true },
    take: parametersPerStatement,
  })
  const ids = old.map(({ id }) => id)
  if (ids.length > 0) {
    await tx.queuedTask.deleteMany({ where: { kind: sendMailKind, key: { in: ids.map(String) } } })
    // Their notifications have been told: without the mail they would wait for another one.
    await tx.notification.deleteMany({ where: { mailId: { in: ids } } })
    await tx.mail.deleteMany({ where: { id: { in: ids } } })
  }
  await tx.notification.deleteMany({ where: { at: { lt: before(keptNotificationDays) } } })
}

function parseProgress(text: string | null): z.infer<typeof Progress> | null {
  const parsed = text === null ? null : Progress.safeParse(JSON.parse(text))
  return parsed?.success ? parsed.data : null
}
