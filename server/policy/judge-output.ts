import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import type { NewEvent } from '../event-log/record-events.ts'
import { findVotes, type KnownOutput, type PlaceOfOutput } from './find-votes.ts'
import { bestOf, disputingNames, judge, voicesOf, type Judgement, type Vote } from './judge.ts'
import type { Policy } from './policy-file.ts'
import { hashPath } from '../paths.ts'
import { printEvidence } from './evidence.ts'

/** What is to be stored about an output. `judgements`: of each place; none without a policy. */
export type JudgedOutput = {
  sha256: string
  /** For `Output.confirmedBy`. */
  confirmedBy: string | null
  /** For `Output.disputedBy`. */
  disputedBy: string | null
  policySha256: string | null
  judgements: (PlaceOfOutput & Judgement & { evidence: string })[]
}

/** Groups that are kept of one output. */
const maxGroups = 100

/** Judges an output, and those that the same inputs gave if `withRivals`: what confirms one disputes the others. */
export async function judgeOutputs(
  db: Reader,
  policy: Policy | null,
  sha256: string,
  now: Date,
  { withRivals = false }: { withRivals?: boolean } = {},
): Promise<JudgedOutput[]> {
  const known = await findVotes(db, policy, sha256)
  const judged = [judgedFrom(known, policy, sha256, now)]
  if (withRivals)
    for (const rival of known.otherOutputs)
      judged.push(judgedFrom(await findVotes(db, policy, rival), policy, rival, now))
  return judged
}

function judgedFrom(known: KnownOutput, policy: Policy | null, sha256: string, now: Date): JudgedOutput {
  const { against, places, votes } = known
  const best = bestOf(voicesOf(votes, against))
  const disputing = disputingNames(votes, against)
  const isConfirmed = best.groups.length > 1 && disputing.length === 0
  return {
    sha256,
    confirmedBy: isConfirmed ? JSON.stringify(best.groups.slice(0, maxGroups)) : null,
    disputedBy: disputing.length > 0 ? JSON.stringify(disputing.slice(0, maxGroups)) : null,
    policySha256: policy?.sha256 ?? null,
    judgements: policy
      ? places.map((place) => {
          const judgement = judge(policy, place, votes, against, now)
          return { ...place, ...judgement, evidence: evidenceOf(judgement, votes, against) }
        })
      : [],
  }
}

const evidenceOf = ({ groups, reason }: Judgement, votes: readonly Vote[], against: readonly Vote[]) =>
  printEvidence({ reason, groups, votes, against })

/**
 * Writes what was judged. Returns the events of outcomes that changed, the outputs that are trusted anew, and whether anything changed. `announcesFirst`: a first outcome is an event,
 * too; after a change of the policy it is none.
 */
export async function storeJudgements(
  tx: Transaction,
  judged: readonly JudgedOutput[],
  now: Date,
  { announcesFirst }: { announcesFirst: boolean },
): Promise<{ events: NewEvent[]; trusted: string[]; hasChanged: boolean }> {
  const events: NewEvent[] = []
  const trusted: string[] = []
  let hasChanged = false
  for (const { sha256, confirmedBy, disputedBy, policySha256, judgements } of judged) {
    const output = await tx.output.findUnique({
      where: { sha256 },
      select: { confirmedBy: true, disputedBy: true },
    })
    if (output && (output.confirmedBy !== confirmedBy || output.disputedBy !== disputedBy)) {
      await tx.output.update({ where: { sha256 }, data: { confirmedBy, disputedBy } })
      hasChanged = true
    }
    const stored = await tx.policyVerdict.findMany({ where: { sha256 } })
    for (const one of judgements) {
      const { jobId, platformId, job, platform, outcome, evidence, expiresAt, groups, reason } = one
      const before = stored.find((row) => row.jobId === jobId && row.platformId === platformId)
      const data = { policySha256: policySha256 ?? '', outcome, evidence, expiresAt }
      const isSame =
        before?.outcome === outcome &&
        before.evidence === evidence &&
        before.policySha256 === policySha256 &&
        before.expiresAt?.getTime() === expiresAt?.getTime()
      if (isSame) continue
      hasChanged = true
      if (outcome === 'TRUSTED') trusted.push(sha256)
      const key = { jobId, platformId, sha256 }
      if (before) await tx.policyVerdict.updateMany({ where: key, data: { ...data, at: now } })
      // The last build of the job on the platform may have been removed meanwhile.
      else if (await tx.jobPlatform.findUnique({ where: { jobId_platformId: { jobId, platformId } } }))
        await tx.policyVerdict.create({ data: { ...key, ...data, at: now } })
      const isNews = before ? before.outcome !== outcome : announcesFirst && outcome !== 'NO_RULE'
      if (!isNews) continue
      events.push({
        type: 'trust.changed',
        dedupeKey: `trust.changed ${job} ${platform} ${sha256} ${outcome} ${now.toISOString()}`,
        ...{ job, platform, build: null },
        data: {
          ...{ job: { name: job, path: hashPath(sha256) }, platform, sha256, outcome },
          ...{ previousOutcome: before?.outcome ?? null, groups, reason },
        },
      })
    }
    const gone = stored.filter(
      (row) => !judgements.some((one) => one.jobId === row.jobId && one.platformId === row.platformId),
    )
    for (const { jobId, platformId } of gone) {
      await tx.policyVerdict.deleteMany({ where: { jobId, platformId, sha256 } })
      hasChanged = true
    }
  }
  return { events, trusted, hasChanged }
}
