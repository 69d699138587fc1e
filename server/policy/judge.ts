import { findExemption, findRule, type Policy, type PolicyRule } from './policy-file.ts'

/** Somebody says that a build of some inputs has a main binary. */
export type Vote = {
  kind: 'UPLOAD' | 'ATTESTATION'
  /** Name of the user, or of the key. */
  attester: string
  /** Whom the attester belongs to: several of one group are one voice. Null: nobody has said, so the vote does not count. */
  group: string | null
  job: string | null
  platform: string | null
  /** Null: an upload that lacks inputs; or an attestation that names none, which then counts for all inputs. */
  inputId: string | null
  /** When this site received it. */
  at: Date
  /** UUIDs of the build, and of the attestation. */
  build: string | null
  attestation: string | null
  /** The key was revoked. */
  isRevoked: boolean
}

export const outcomes = ['TRUSTED', 'NOT_YET', 'DISPUTED', 'EXEMPT', 'NO_RULE'] as const
export type Outcome = (typeof outcomes)[number]

/** What a policy says of a main binary of a job on a platform. */
export type Judgement = {
  outcome: Outcome
  /** What is missing, or why the output is exempt or disputed, in words; null: nothing is to be said. */
  reason: string | null
  /** The groups whose votes count, sorted. */
  groups: string[]
  /** When the first vote gets too old; null: never. */
  expiresAt: Date | null
}

/** The voices for an output from one of its inputs, and those for another output of that input. */
export type Voices = { groups: string[]; against: string[]; counted: Vote[] }

/** A vote counts if somebody has said whom it belongs to, and its key is good. */
const counts = ({ group, isRevoked }: Vote) => group !== null && !isRevoked

const groupsOf = (votes: readonly Vote[]) =>
  [...new Set(votes.flatMap(({ group }) => group ?? []))].toSorted((left, right) => (left < right ? -1 : 1))

/**
 * The voices of each input that gave an output. An upload without all of its inputs stands alone: nobody knows whether two such builds had the
 * same ones. `against`: votes for other outputs of these inputs.
 */
export function voicesOf(votes: readonly Vote[], against: readonly Vote[]): Voices[] {
  const counted = votes.filter(counts)
  const everywhere = counted.filter(({ inputId, kind }) => kind === 'ATTESTATION' && inputId === null)
  const others = counted.filter((vote) => !everywhere.includes(vote))
  const inputs = [...new Set(others.map(({ group, inputId }) => inputId ?? `unknown, by ${group}`))]
  const ofInput = (input: string) =>
    others.filter(({ group, inputId }) => (inputId ?? `unknown, by ${group}`) === input)
  const parts = inputs.length === 0 ? [everywhere] : inputs.map((input) => [...ofInput(input), ...everywhere])
  return parts.map((own) => {
    const known = new Set(own.flatMap(({ inputId }) => inputId ?? []))
    const disputing = against.filter(
      (vote) => counts(vote) && (vote.inputId === null || known.has(vote.inputId)),
    )
    return { groups: groupsOf(own), against: groupsOf(disputing), counted: own }
  })
}

/** The input with the most voices: what one says of the output. A dispute about one of the inputs is one about the output. */
export function bestOf(voices: readonly Voices[]): Voices {
  const best = voices.toSorted((left, right) => right.groups.length - left.groups.length)[0]
  return {
    groups: best?.groups ?? [],
    counted: best?.counted ?? [],
    against: [...new Set(voices.flatMap(({ against }) => against))].toSorted(),
  }
}

/**
 * Who got another output from an input that gave this one, whether or not the policy counts the vote: groups, or else attesters, sorted. A
 * revoked key disputes nothing.
 */
export function disputingNames(votes: readonly Vote[], against: readonly Vote[]): string[] {
  const inputs = new Set(votes.flatMap(({ inputId }) => inputId ?? []))
  const disputing = against.filter(
    ({ inputId, isRevoked }) => !isRevoked && (inputId === null || inputs.has(inputId)),
  )
  return [...new Set(disputing.map(({ attester, group }) => group ?? attester))].toSorted((left, right) =>
    left < right ? -1 : 1,
  )
}

/** Applies a policy to the votes about an output of a job on a platform. A dispute beats every rule but an exemption. */
export function judge(
  policy: Policy,
  place: { job: string; platform: string },
  votes: readonly Vote[],
  against: readonly Vote[],
  now: Date,
): Judgement {
  const all = bestOf(voicesOf(votes, against))
  const nothing = { groups: all.groups, expiresAt: null }
  const exemption = findExemption(policy, place.job, place.platform)
  if (exemption !== null) return { ...nothing, outcome: 'EXEMPT', reason: exemption }
  if (all.against.length > 0)
    return {
      ...nothing,
      outcome: 'DISPUTED',
      reason: `${listOf(all.against)} got another output from the same inputs`,
    }
  const rule = findRule(policy, place.job, place.platform)
  if (!rule)
    return { ...nothing, outcome: 'NO_RULE', reason: 'no rule of the policy is about this job and platform' }
  const fitting = votes.filter((vote) => fits(rule, vote, now))
  const best = bestOf(voicesOf(fitting, []))
  const platforms = new Set(best.counted.flatMap(({ platform }) => platform ?? []))
  const missing = [
    ...missingWords(rule.groups - best.groups.length, rule.signed ? 'signing group' : 'group'),
    // A signature need not name its platform.
    ...(rule.platformsMin > 1 ? missingWords(rule.platformsMin - platforms.size, 'platform') : []),
  ]
  if (missing.length > 0) return { ...nothing, outcome: 'NOT_YET', reason: `needs ${missing.join(' and ')}` }
  return { outcome: 'TRUSTED', reason: null, groups: best.groups, expiresAt: expiryOf(rule, best.counted) }
}

function fits({ maxAgeMs, signed }: PolicyRule, { at, kind }: Vote, now: Date): boolean {
  if (signed && kind !== 'ATTESTATION') return false
  return maxAgeMs === null || now.getTime() - at.getTime() <= maxAgeMs
}

const missingWords = (count: number, what: string) =>
  count <= 0 ? [] : [`${count} more ${what}${count === 1 ? '' : 's'}`]

const listOf = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** The oldest of the votes that count is the first to get too old. It is looked at again then: others may suffice. */
function expiryOf({ maxAgeMs }: PolicyRule, votes: readonly Vote[]): Date | null {
  if (maxAgeMs === null) return null
  return new Date(Math.min(...votes.map(({ at }) => at.getTime())) + maxAgeMs)
}
