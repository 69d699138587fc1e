import type { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'

/** A build with a main binary, whose row is written already. */
type OutputOfBuild = {
  id: BuildId
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  sha256: string
  sizeBytes: number
}

/** `JobOutput.scope` of what counts all platforms together. */
export const allPlatforms = 0

/** Count a main binary in the lists of a job's distinct outputs: of all platforms, and of the build's. */
export async function noteOutput(tx: Prisma.TransactionClient, build: OutputOfBuild): Promise<void> {
  for (const scope of [allPlatforms, build.platformId]) await noteInScope(tx, build, scope)
}

async function noteInScope(tx: Prisma.TransactionClient, build: OutputOfBuild, scope: number): Promise<void> {
  const { id, jobId, sha256, sizeBytes, startedAt } = build
  const where = { jobId_scope_sha256: { jobId, scope, sha256 } }
  const row = await tx.jobOutput.findUnique({ where, select: { firstStartedAt: true, lastStartedAt: true } })
  const first = { firstBuildId: id, firstStartedAt: startedAt }
  const last = { lastBuildId: id, lastStartedAt: startedAt }
  if (!row) {
    await tx.jobOutput.create({ data: { jobId, scope, sha256, sizeBytes, buildCount: 1, ...first, ...last } })
    return
  }
  // Of two builds of the same instant the later row counts as later, as in every list.
  await tx.jobOutput.update({
    where,
    data: {
      buildCount: { increment: 1 },
      ...(startedAt < row.firstStartedAt ? first : {}),
      ...(startedAt >= row.lastStartedAt ? last : {}),
    },
  })
}
