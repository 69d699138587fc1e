import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { StoredBuild } from './build-facts.ts'

const { sql, join } = Prisma

/**
 * The job takes the readme, the opam switch for its description, and the time of the last success from its newest
 * builds. Builds can arrive late, and a build without a readme does not change the readme. If two builds started at
 * the same time, the later row is newer, as in every list. Raw SQL: Prisma would read the row first.
 */
export async function addToJob(tx: Transaction, build: StoredBuild): Promise<void> {
  const { jobId, startedAt, readmeSha256, opamSwitchSha256 } = build
  /** `column` takes `value` if this build is at least as new as the one whose start `time` has. */
  const ifNewer = (time: Prisma.Sql, column: Prisma.Sql, value: Prisma.Sql) =>
    sql`${column} = CASE WHEN ${startedAt} >= COALESCE(${time}, ${startedAt}) THEN ${value} ELSE ${column} END`
  const [successAt, readmeAt, switchAt] = [sql`"newestSuccessAt"`, sql`"readmeAt"`, sql`"switchAt"`]
  const start = sql`${startedAt}`
  const changes = [
    ...(build.isSuccess || build.output ? [ifNewer(successAt, successAt, start)] : []),
    ...(readmeSha256 === null
      ? []
      : [ifNewer(readmeAt, sql`"readmeSha256"`, sql`${readmeSha256}`), ifNewer(readmeAt, readmeAt, start)]),
    ...(opamSwitchSha256 === null
      ? []
      : [
          ifNewer(switchAt, sql`"pendingSwitchSha256"`, sql`${opamSwitchSha256}`),
          ifNewer(switchAt, switchAt, start),
        ]),
  ]
  if (changes.length > 0) await tx.$executeRaw(sql`UPDATE "Job" SET ${join(changes)} WHERE id = ${jobId}`)
}
