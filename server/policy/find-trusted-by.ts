import type { InputAttestation } from '../attestations/verification-summary.ts'
import type { Reader } from '../database/reader.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import { readEvidence } from './evidence.ts'
import type { Policy } from './policy-file.ts'

const maxInputs = 50

/**
 * The statements by which the policy trusts the main binary of a build: provenance of the builds of others, and attestations of third parties.
 * None if it does not trust it, or if fewer than two groups have confirmed it.
 */
export async function findTrustedBy(
  db: Reader,
  policy: Pick<Policy, 'sha256'>,
  build: { uuid: string; job: { name: string }; platform: { name: string }; main: { sha256: string } },
): Promise<InputAttestation[]> {
  const found = await db.policyVerdict.findFirst({
    where: {
      ...{ sha256: build.main.sha256, outcome: 'TRUSTED', policySha256: policy.sha256 },
      ...{ job: { name: build.job.name }, platform: { name: build.platform.name } },
    },
    select: { evidence: true },
  })
  if (!found) return []
  const { groups, votes } = readEvidence(found.evidence)
  if (groups.length < 2) return []
  const counted = votes.filter(({ group, isRevoked, side }) => side === 'FOR' && group !== null && !isRevoked)
  const builds = counted.flatMap(({ build: uuid }) => (uuid === null || uuid === build.uuid ? [] : [uuid]))
  const attestations = counted.flatMap(({ attestation }) => attestation ?? [])
  return db.attestation.findMany({
    where: {
      OR: [
        { uuid: { in: attestations } },
        { build: { uuid: { in: builds } }, predicateType: predicateTypes.provenance },
      ],
    },
    orderBy: { id: 'asc' },
    take: maxInputs,
    select: { uuid: true, envelopeSha256: true },
  })
}
