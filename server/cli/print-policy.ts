import { counted } from '../counted.ts'
import type { DescribedPolicy } from '../policy/described-policy.ts'
import type { ListedVerdict } from '../policy/list-verdicts.ts'

export function describePolicy(policy: DescribedPolicy): string {
  const { attesterCount, exemptions, groupCount, rules, sha256 } = policy
  return [
    `SHA-256: ${sha256}`,
    `${counted(attesterCount, 'attester')} in ${counted(groupCount, 'group')}`,
    ...rules.map(
      ({ jobs, platforms, groups: least, signed }) =>
        `${jobs.join(' ')} on ${platforms.join(' ')}: ${counted(least, 'group')}${signed ? ', signed' : ''}`,
    ),
    ...exemptions.map(({ job, platform, reason }) => `${job} on ${platform}: exempt, ${reason}`),
    '',
  ].join('\n')
}

/** What the policy says of an output, as JSON has it. */
export function shownVerdict(verdict: ListedVerdict): ListedVerdict {
  const { job, platform, outcome, judgedAt, reason, groups, votes } = verdict
  return { job, platform, outcome, judgedAt, reason, groups, votes: votes.map(shownVote) }
}

function shownVote(vote: ListedVerdict['votes'][number]): ListedVerdict['votes'][number] {
  const { kind, side, attester, group, platform, inputId, at, job, build, attestation, isRevoked } = vote
  return { kind, side, attester, group, platform, inputId, at, job, build, attestation, isRevoked }
}

export function describeVerdict({ job, platform, outcome, reason, votes }: ListedVerdict): string {
  return [
    `${job} on ${platform}: ${outcome}${reason === null ? '' : `: ${reason}`}`,
    ...votes.map(
      ({ at, attester, group, isRevoked, kind, side }) =>
        `  ${side === 'FOR' ? 'for' : 'against'}: ${attester}, ${group === null ? 'not listed' : `group ${group}`}, ${kind === 'UPLOAD' ? 'uploaded' : 'signed'} ${at}${isRevoked ? ', by a revoked key' : ''}`,
    ),
    '',
  ].join('\n')
}
