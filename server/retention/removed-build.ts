import { hash } from '../database/sql.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma, type Tombstone } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { toVerdict, type Verdict } from '../builds/verdict.ts'
import { buildPath } from '../paths.ts'
import { gradeOf, type Grade } from '../policy/grade.ts'

/** A build that was removed, as its tombstone tells. */
export type RemovedBuild = Omit<Tombstone, 'verdict'> & { verdict: Verdict }

/** A stored build that somebody who has asked for a removed one may use. */
export type NewestBuild = { id: BuildId; uuid: string; platform: string }

/** The removed build with this UUID. With `job`, only if it is one of that job. */
export async function findRemovedBuild(db: Reader, uuid: string, job?: string): Promise<RemovedBuild | null> {
  const found = await db.tombstone.findUnique({ where: { uuid: uuid.toLowerCase() } })
  if (!found || (job !== undefined && found.job !== job)) return null
  return { ...found, verdict: toVerdict(found.verdict) }
}

/** The newest removed build that had an artifact of this content. Raw SQL: one statement. */
export async function findRemovedByHash(
  db: Reader,
  sha256: string,
): Promise<{ uuid: string; job: string } | null> {
  const [newest = null] = await db.$queryRaw<{ uuid: string; job: string }[]>(
    Prisma.sql`SELECT t.uuid, t.job FROM "TombstoneArtifact" a JOIN "Tombstone" t ON t.id = a."tombstoneId"
      WHERE a.sha256 = ${hash(sha256)} ORDER BY a."startedAt" DESC, a."tombstoneId" DESC LIMIT 1`,
  )
  return newest
}

/**
 * The newest stored build with a main binary of the job and platform of a removed build; if there is none on that platform,
 * on any. It may be older than the removed build. Raw SQL: one statement.
 */
export async function findNewestBuild(
  db: Reader,
  { job, platform }: Pick<RemovedBuild, 'job' | 'platform'>,
): Promise<NewestBuild | null> {
  const [newest = null] = await db.$queryRaw<NewestBuild[]>(
    Prisma.sql`SELECT b.id, b.uuid, n.name AS platform
      FROM "JobPlatform" p JOIN "Build" b ON b.id = p."newestMainBinaryId" JOIN "Platform" n ON n.id = p."platformId"
      WHERE p."jobId" = (SELECT j.id FROM "Job" j WHERE j.name = ${job})
      ORDER BY CASE WHEN n.name = ${platform} THEN 0 ELSE 1 END, b."startedAt" DESC, b.id DESC LIMIT 1`,
  )
  return newest
}

/** `removed on 2026-03-01: hub vacuum except-latest 5`. */
export function describeRemoval({ removedAt, reason }: Pick<RemovedBuild, 'removedAt' | 'reason'>): string {
  return `removed on ${removedAt.toISOString().slice(0, 10)}${reason === '' ? '' : `: ${reason}`}`
}

/** How well the main binary of a removed build was confirmed by builds of this site. */
export const gradeOfRemoved = ({
  verdict,
  reproducedCount,
}: Pick<RemovedBuild, 'verdict' | 'reproducedCount'>): Grade =>
  gradeOf(verdict, { buildCount: reproducedCount + 1, confirmedBy: null, disputedBy: null })

/** `it was repeated here ×3`. Null: it had no main binary. */
export function describeGrade(removed: Pick<RemovedBuild, 'verdict' | 'reproducedCount'>): string | null {
  const { kind, brief } = gradeOfRemoved(removed)
  if (kind === 'NONE') return null
  return `it was ${kind === 'NOT_REPEATED' ? 'not repeated' : brief}`
}

/** All of that in one line, for clients that show text. */
export async function explainRemoval(db: Reader, removed: RemovedBuild): Promise<string> {
  const newest = await findNewestBuild(db, removed)
  return [
    `build ${removed.uuid} of job ${JSON.stringify(removed.job)} was ${describeRemoval(removed)}`,
    ...[describeGrade(removed)].flatMap((text) => text ?? []),
    newest
      ? `the newest build is ${buildPath(removed.job, newest.uuid)}`
      : 'the job has no other build with a main binary',
  ].join('; ')
}
