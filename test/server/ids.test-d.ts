import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import type { JobId } from '../../server/ids.ts'

// Checked by the compiler: an expectation that no longer fails is itself an error.
export async function idsOfTablesDoNotMix(db: PrismaClient, jobId: JobId) {
  await db.job.findUnique({ where: { id: jobId } })
  await db.build.findMany({ where: { jobId } })
  // @ts-expect-error a job's id does not find a build
  await db.build.findUnique({ where: { id: jobId } })
  // @ts-expect-error nor an artifact's build
  await db.artifact.findMany({ where: { buildId: jobId } })
  // @ts-expect-error nor in a list
  await db.build.findMany({ where: { id: { in: [jobId] } } })
  // @ts-expect-error a plain number is no id
  await db.job.findUnique({ where: { id: 1 } })
}
