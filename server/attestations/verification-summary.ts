import { createHash } from 'node:crypto'
import { predicateTypes } from '../formats/signing/statement.ts'
import { artifactPath } from '../paths.ts'
import { printTime } from '../signing/print-time.ts'
import type { StatedBuild } from './build-facts.ts'
import type { Policy } from '../policy/policy-file.ts'
import { attestationPath, policyPath, policyText, sitePolicyPath } from './stated-urls.ts'

/** An envelope that a summary is based on. */
export type InputAttestation = { uuid: string; envelopeSha256: string }

/**
 * A summary for those who trust this site: independent builders agree on an output, by the policy of the site, or by the rule of two builders.
 * Source: https://slsa.dev/spec/v1.1/verification_summary.
 */
export function summaryOf(
  { uuid, job, main }: StatedBuild,
  inputs: readonly InputAttestation[],
  { url, at, policy }: { url: string; at: Date; policy: Pick<Policy, 'sha256'> | null },
) {
  const uri = url + (policy === null ? policyPath : sitePolicyPath)
  const rule = policy?.sha256 ?? createHash('sha256').update(policyText).digest('hex')
  return {
    subject: [{ name: main.path, digest: { sha256: main.sha256 } }],
    predicateType: predicateTypes.verificationSummary,
    ...(policy && { by: policy.sha256 }),
    predicate: {
      verifier: { id: uri },
      timeVerified: printTime(at),
      resourceUri: url + artifactPath(job.name, uuid, main.path),
      policy: { uri, digest: { sha256: rule } },
      inputAttestations: inputs.map((input) => ({
        uri: url + attestationPath(input.uuid),
        digest: { sha256: input.envelopeSha256 },
      })),
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_1', 'SLSA_BUILD_REPRODUCED'],
      slsaVersion: '1.1',
    },
  }
}
