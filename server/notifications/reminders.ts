import type { Reader } from '../database/reader.ts'
import { timestamp } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { findSubscriptions, isMeant, type NewNotification } from './collect.ts'

const { sql } = Prisma

const dayMs = 86_400_000
/** Of a job that still fails, people are reminded once, after so long. */
const reminderMs = 7 * dayMs
/** Of one that has failed for much longer, nobody wants to hear after an upgrade. */
const noticedMs = 2 * dayMs

type Row = { userId: UserId; job: string; platform: string; build: string }

/**
 * Reminders: notifications of jobs that users were told of as newly failing a week ago, and that have not succeeded since. `build` is the
 * first build that failed. Each is in the daily digest, once. Raw SQL: Prisma cannot compare columns of two tables.
 */
export async function findReminders(db: Reader, now: Date): Promise<NewNotification[]> {
  const until = new Date(now.getTime() - reminderMs)
  const since = new Date(until.getTime() - noticedMs)
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT n."userId", n.job, n.platform, n.build FROM "Notification" n
      JOIN "Build" b ON b.uuid = n.build
      JOIN "JobPlatform" p ON p."jobId" = b."jobId" AND p."platformId" = b."platformId"
      JOIN "Build" newest ON newest.id = p."newestBuildId" AND newest.status = 'FAILED'
      LEFT JOIN "Build" success ON success.id = p."newestSuccessId"
      WHERE n.at > ${timestamp(since)} AND n.at <= ${timestamp(until)} AND n.transition = 'NEWLY_FAILING'
        AND (success.id IS NULL OR success."startedAt" < b."startedAt")
      ORDER BY n.id`,
  )
  if (rows.length === 0) return []
  const subscriptions = await findSubscriptions(db)
  return rows.flatMap(({ userId, job, platform, build }) => {
    const of = { transition: 'NEWLY_FAILING', job, platform, at: now } as const
    const wanted = subscriptions.find((one) => one.userId === userId && isMeant(one, of))
    return wanted
      ? [
          {
            ...{ userId, subscriptionId: wanted.id, transition: 'STILL_FAILING' as const },
            ...{ job, platform, build, at: now, digest: 'DAILY' as const },
          },
        ]
      : []
  })
}
