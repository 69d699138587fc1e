import type { Reader } from '../database/reader.ts'
import { readEvidence, type Evidence } from './evidence.ts'
import type { Outcome } from './judge.ts'

/** How many outputs have an outcome. */
export type OutcomeCount = { outcome: Outcome; count: number }

/** What the policy says of an output, for builds of a job on a platform. */
export type ListedVerdict = { job: string; platform: string; outcome: Outcome; judgedAt: Date } & Evidence

/** How many outputs have each outcome, by its name. Outcomes that none has are left out. */
export async function countOutcomes(db: Reader): Promise<OutcomeCount[]> {
  const counts = await db.policyVerdict.groupBy({
    ...{ by: ['outcome'], _count: true, orderBy: { outcome: 'asc' } },
  })
  return counts.map(({ _count: count, outcome }) => ({ outcome: outcome as Outcome, count }))
}

/** What the policy says of a main binary, by job and platform; at most `limit`. */
export async function listVerdicts(db: Reader, sha256: string, limit?: number): Promise<ListedVerdict[]> {
  const rows = await db.policyVerdict.findMany({
    where: { sha256 },
    orderBy: [{ job: { name: 'asc' } }, { platform: { name: 'asc' } }],
    ...(limit === undefined ? {} : { take: limit }),
    include: { job: { select: { name: true } }, platform: { select: { name: true } } },
  })
  return rows.map(({ at, evidence, job, outcome, platform }) => ({
    ...{ job: job.name, platform: platform.name, outcome: outcome as Outcome, judgedAt: at },
    ...readEvidence(evidence),
  }))
}
