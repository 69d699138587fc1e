import { Build } from '../builds/build.graphql.ts'
import type { JobId, PlatformId } from '../ids.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { readEvidence, type StoredVote } from './evidence.ts'
import { outcomes, type Outcome } from './judge.ts'
import { sitePolicy } from './site-policy.ts'

export const OutcomeType = builder.enumType('TrustOutcome', {
  description: 'What the policy of the site says of a main binary.',
  values: {
    TRUSTED: { description: 'The rule for the job and the platform holds.' },
    NOT_YET: { description: 'Something is missing: `reason` says what.' },
    DISPUTED: {
      description: 'A listed builder got another main binary from the same inputs. It beats every rule.',
    },
    EXEMPT: { description: 'The operator has said that the job cannot be repeated: `reason` says why.' },
    NO_RULE: { description: 'No rule is about the job and the platform.' },
  } satisfies Record<Outcome, unknown>,
})

const VoteKind = builder.enumType('VoteKind', {
  description: 'How a vote came here.',
  values: {
    UPLOAD: { description: 'An authenticated user has uploaded a build with this main binary.' },
    ATTESTATION: { description: 'A key has signed that a build made it.' },
  } satisfies Record<StoredVote['kind'], unknown>,
})

export const Vote = builder.objectRef<StoredVote>('TrustVote').implement({
  description: 'Somebody says that a build made a main binary, or that it made another one.',
  fields: (t) => ({
    kind: t.expose('kind', { type: VoteKind, description: 'How it came here.' }),
    isAgainst: t.boolean({
      description: 'It says that the same inputs gave another main binary.',
      resolve: ({ side }) => side === 'AGAINST',
    }),
    attester: t.exposeString('attester', { description: 'Name of the user, or of the key.' }),
    group: t.exposeString('group', {
      nullable: true,
      description:
        'Whom the attester belongs to. Null: the policy does not list the attester, so the vote does not count.',
    }),
    isRevoked: t.exposeBoolean('isRevoked', {
      description: 'The key was revoked, so the vote does not count.',
    }),
    platform: t.exposeString('platform', {
      nullable: true,
      description: 'Where it was built, if the vote says so.',
    }),
    inputId: t.expose('inputId', {
      type: 'Sha256',
      nullable: true,
      description: 'Input id of the build, if the vote says it.',
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When this site received it.',
      resolve: ({ at }) => new Date(at),
    }),
    job: t.exposeString('job', { nullable: true, description: 'Job of the build.' }),
    build: t.exposeString('build', {
      nullable: true,
      description: 'UUID of the build. Null: an attestation.',
    }),
    attestation: t.exposeString('attestation', {
      nullable: true,
      description: 'UUID of the attestation, which is at `/attestation/UUID`. Null: an upload.',
    }),
  }),
})

type TrustFields = { outcome: Outcome; evidence: string; at: Date; isCurrent: boolean }

const toOutcome = (text: string): Outcome => {
  const outcome = outcomes.find((one) => one === text)
  if (outcome === undefined) throw new Error(`not an outcome: ${text}`)
  return outcome
}

export const Trust = builder.objectRef<TrustFields>('Trust').implement({
  description: 'What the policy of the site says of the main binary of a build, and why.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: OutcomeType, description: 'The short answer.' }),
    reason: t.string({
      nullable: true,
      description: 'What is missing, who disputes it, or why it is exempt. Null: nothing is to be said.',
      resolve: ({ evidence }) => readEvidence(evidence).reason,
    }),
    groups: t.stringList({
      description: 'The independent groups that have confirmed it, sorted.',
      resolve: ({ evidence }) => readEvidence(evidence).groups,
    }),
    evidence: t.field({
      type: [Vote],
      description: 'The votes for it and against it, those that count first; at most 50.',
      resolve: ({ evidence }) => readEvidence(evidence).votes,
    }),
    judgedAt: t.field({
      type: 'DateTime',
      description: 'When the outcome was found.',
      resolve: ({ at }) => at,
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      description: 'False: the policy has changed since, and the outcome is being found anew.',
    }),
  }),
})

/** One statement; none on a site without a policy. */
export async function findTrust(
  { config, db }: Pick<Context, 'config' | 'db'>,
  { jobId, platformId, sha256 }: { jobId: JobId; platformId: PlatformId; sha256: string },
): Promise<TrustFields | null> {
  const policy = sitePolicy(config)
  if (policy === null) return null
  const found = await db.policyVerdict.findFirst({ where: { jobId, platformId, sha256 } })
  return (
    found && {
      ...{ outcome: toOutcome(found.outcome), evidence: found.evidence, at: found.at },
      isCurrent: found.policySha256 === policy.sha256,
    }
  )
}

builder.prismaObjectField(Build, 'trust', (t) =>
  t.field({
    type: Trust,
    nullable: true,
    description:
      'What the policy of the site says of the main binary. Null: the site has no policy, the build has no main binary, or the outcome is not found yet.',
    resolve: ({ jobId, platformId, mainBinarySha256: sha256 }, _args, context) =>
      sha256 === null ? null : findTrust(context, { jobId, platformId, sha256 }),
  }),
)
