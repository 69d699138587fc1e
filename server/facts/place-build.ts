import { Prisma } from '../generated/prisma/client.ts'
import type { JobId, PlatformId } from '../ids.ts'
import type { Transaction } from '../database/writer.ts'

export type Place = { jobId: JobId; platformId: PlatformId }

/**
 * The rows of a job and a platform. The first build that names one creates it. Raw SQL: one statement finds both.
 */
export async function placeBuild(tx: Transaction, names: { job: string; platform: string }): Promise<Place> {
  const [found] = await tx.$queryRaw<{ jobId: JobId | null; platformId: PlatformId | null }[]>(
    Prisma.sql`SELECT j.id AS "jobId", p.id AS "platformId" FROM (SELECT 1 AS one) o
      LEFT JOIN "Job" j ON j.name = ${names.job} LEFT JOIN "Platform" p ON p.name = ${names.platform}`,
  )
  return {
    jobId: found?.jobId ?? (await createJob(tx, names.job)),
    platformId: found?.platformId ?? (await createPlatform(tx, names.platform)),
  }
}

// The name is "updated" to what it is: with something to update, Prisma needs but one statement.

async function createJob(tx: Transaction, name: string): Promise<JobId> {
  return (await tx.job.upsert({ where: { name }, create: { name }, update: { name }, select: { id: true } }))
    .id
}

async function createPlatform(tx: Transaction, name: string): Promise<PlatformId> {
  const names = { where: { name }, create: { name }, update: { name } }
  return (await tx.platform.upsert({ ...names, select: { id: true } })).id
}
