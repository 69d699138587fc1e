import type { Reader } from '../database/reader.ts'
import type { PackageFacts } from '../formats/package-facts.ts'
import type { JobId, PlatformId } from '../ids.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { takesFrom, type RepositoryDefinition } from './repositories-file.ts'

/** A main binary that may be a package of a repository. `at`: start of the first build that gave it. */
export type Candidate = { sha256: string; sizeBytes: bigint; at: Date; job: string }

/** Outputs of a job on a platform that are looked at, the newest first. */
const outputsPerJob = 500

const extensions: Record<PackageFacts['format'], RegExp> = { DEB: /\.deb$/i, FREEBSD: /\.(pkg|txz)$/i }

/** Whether a main binary of this path may be a package of some repository. */
export const isPackagePath = (path: string): boolean =>
  Object.values(extensions).some((extension) => extension.test(path))

export const formatOf = ({ kind }: RepositoryDefinition): PackageFacts['format'] =>
  kind === 'APT' ? 'DEB' : 'FREEBSD'

/**
 * The main binaries that a repository is made of, the newest first: those of which a build is stored. What was removed is
 * not among them. Of a job on a platform, 500 at most. `policySha256`: the policy whose trust counts; null: the site has none.
 */
export async function findCandidates(
  db: Reader,
  definition: RepositoryDefinition,
  policySha256: string | null,
): Promise<Candidate[]> {
  const places = await db.jobPlatform.findMany({
    where: { platform: { name: { in: [...definition.platforms] } }, newestMainBinaryId: { not: null } },
    select: {
      jobId: true,
      platformId: true,
      job: { select: { name: true } },
      platform: { select: { name: true } },
    },
  })
  const found = new Map<string, Candidate>()
  for (const { job, jobId, platform, platformId } of places) {
    if (!takesFrom(definition, job.name, platform.name)) continue
    const outputs = await outputsOf(db, definition, jobId, platformId)
    const own = definition.isOnlyTrusted
      ? await onlyTrusted(db, outputs, { jobId, platformId, policySha256 })
      : outputs
    for (const candidate of own) {
      const known = found.get(candidate.sha256)
      if (!known || known.at > candidate.at) found.set(candidate.sha256, { ...candidate, job: job.name })
    }
  }
  const sorted = [...found.values()].sort(
    (left, right) => right.at.getTime() - left.at.getTime() || (left.sha256 < right.sha256 ? -1 : 1),
  )
  return definition.isOnlyReproduced ? onlyReproduced(db, sorted) : sorted
}

async function outputsOf(
  db: Reader,
  definition: RepositoryDefinition,
  jobId: JobId,
  platformId: PlatformId,
): Promise<Omit<Candidate, 'job'>[]> {
  const outputs = await db.jobOutput.findMany({
    where: { jobId, scope: platformId },
    orderBy: [{ lastStartedAt: 'desc' }, { lastBuildId: 'desc' }],
    take: outputsPerJob,
    select: {
      sha256: true,
      sizeBytes: true,
      firstStartedAt: true,
      lastBuild: { select: { mainBinaryPath: true } },
    },
  })
  const extension = extensions[formatOf(definition)]
  return outputs
    .filter(({ lastBuild }) => extension.test(lastBuild.mainBinaryPath ?? ''))
    .map(({ firstStartedAt, sha256, sizeBytes }) => ({ sha256, sizeBytes, at: firstStartedAt }))
}

/** Main binaries that the policy trusts there. None on a site without a policy. */
async function onlyTrusted(
  db: Reader,
  outputs: readonly Omit<Candidate, 'job'>[],
  { policySha256, ...place }: { jobId: JobId; platformId: PlatformId; policySha256: string | null },
): Promise<Omit<Candidate, 'job'>[]> {
  if (policySha256 === null) return []
  const found = await db.policyVerdict.findMany({
    where: { ...place, outcome: 'TRUSTED', policySha256 },
    select: { sha256: true },
  })
  const trusted = new Set(found.map(({ sha256 }) => sha256))
  return outputs.filter(({ sha256 }) => trusted.has(sha256))
}

/** Main binaries that two builds have given, whose inputs gave no other one. */
async function onlyReproduced(db: Reader, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const ids = candidates.map(({ sha256 }) => sha256)
  const found = await inSlices(ids, parametersPerStatement, (slice) =>
    db.output.findMany({
      where: { sha256: { in: slice }, buildCount: { gt: 1 }, hasOtherOutput: false },
      select: { sha256: true },
    }),
  )
  const reproduced = new Set(found.map(({ sha256 }) => sha256))
  return candidates.filter(({ sha256 }) => reproduced.has(sha256))
}
