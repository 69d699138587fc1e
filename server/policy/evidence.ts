import * as z from 'zod'
import type { Vote } from './judge.ts'

/** Votes that are kept of one judgement: those that count first. */
const maxVotes = 50

const StoredVote = z.object({
  kind: z.enum(['UPLOAD', 'ATTESTATION']),
  /** FOR the output, or AGAINST it. */
  side: z.enum(['FOR', 'AGAINST']),
  attester: z.string(),
  /** Null: the vote does not count, since the policy names nobody it belongs to. */
  group: z.string().nullable(),
  platform: z.string().nullable(),
  inputId: z.string().nullable(),
  at: z.iso.datetime(),
  job: z.string().nullable(),
  build: z.string().nullable(),
  attestation: z.string().nullable(),
  isRevoked: z.boolean(),
})

const Evidence = z.object({
  reason: z.string().nullable(),
  groups: z.array(z.string()),
  votes: z.array(StoredVote),
})

/** Why an output is judged as it is: the votes for it and against it. */
export type Evidence = z.infer<typeof Evidence>
export type StoredVote = z.infer<typeof StoredVote>

/** As the column has it. Equal facts give an equal text. */
export function printEvidence({
  reason,
  groups,
  votes,
  against,
}: {
  reason: string | null
  groups: readonly string[]
  votes: readonly Vote[]
  against: readonly Vote[]
}): string {
  const stored = [
    ...against.map((vote) => ({ vote, side: 'AGAINST' as const })),
    ...votes.map((vote) => ({ vote, side: 'FOR' as const })),
  ]
    .toSorted((left, right) => rank(left.vote) - rank(right.vote))
    .slice(0, maxVotes)
    .map(({ side, vote: { at, ...vote } }) => ({ ...vote, side, at: at.toISOString() }))
  return JSON.stringify({ reason, groups, votes: stored })
}

const rank = ({ group, isRevoked }: Vote) => (group === null || isRevoked ? 1 : 0)

export const readEvidence = (text: string): Evidence => Evidence.parse(JSON.parse(text))
