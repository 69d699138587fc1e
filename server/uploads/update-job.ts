import { Prisma } from '../generated/prisma/client.ts'
import type { JobId } from '../ids.ts'
import type { Transaction } from '../writer.ts'

/** Facts of a build that its job shows. */
type BuildOfJob = {
  job: string
  startedAt: Date
  isSuccess: boolean
  readmeSha256: string | null
  opamSwitchSha256: string | null
}

const { sql } = Prisma

/**
 * Creates or updates the job of a build and returns its id. The job takes the readme, the opam switch for
 * its description, and the time of the last success from its newest builds. Builds can arrive late, and a
 * build without a readme does not change the readme. Raw SQL: one statement, Prisma needs three.
 */
export async function updateJob(tx: Transaction, build: BuildOfJob): Promise<JobId> {
  const { job, startedAt, isSuccess, readmeSha256, opamSwitchSha256 } = build
  const at = (isGiven: boolean) => (isGiven ? startedAt : null)
  /** Updates `column` only if this build is at least as new as the one that the value came from (`time`). */
  const ifNewer = (column: Prisma.Sql, time: Prisma.Sql) =>
    sql`${column} = CASE WHEN excluded.${time} >= COALESCE("Job".${time}, excluded.${time})
      THEN excluded.${column} ELSE "Job".${column} END`
  const [successAt, readmeAt, switchAt] = [sql`"newestSuccessAt"`, sql`"readmeAt"`, sql`"switchAt"`]
  const rows = await tx.$queryRaw<{ id: JobId }[]>(sql`
    INSERT INTO "Job" (name, "newestSuccessAt", "readmeSha256", "readmeAt", "pendingSwitchSha256", "switchAt")
    VALUES (${job}, ${at(isSuccess)}, ${readmeSha256}, ${at(readmeSha256 !== null)},
      ${opamSwitchSha256}, ${at(opamSwitchSha256 !== null)})
    ON CONFLICT (name) DO UPDATE SET
      ${ifNewer(successAt, successAt)},
      ${ifNewer(sql`"readmeSha256"`, readmeAt)},
      ${ifNewer(readmeAt, readmeAt)},
      ${ifNewer(sql`"pendingSwitchSha256"`, switchAt)},
      ${ifNewer(switchAt, switchAt)}
    RETURNING id`)
  const [row] = rows
  if (!row) throw new Error(`no row of job ${job}`)
  return row.id
}
