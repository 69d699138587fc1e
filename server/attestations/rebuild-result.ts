import { predicateTypes } from '../formats/signing/statement.ts'
import { artifactPath, comparePath } from '../paths.ts'
import { inputPaths } from '../builds/artifact-roles.ts'
import type { StatedBuild } from './build-facts.ts'

/** An earlier build of the same inputs that has another output. */
export type OtherOutput = { uuid: string; path: string; sha256: string }

/**
 * A signed negative result: a rebuild of the same inputs gave something else than before. Its subjects are the earlier outputs.
 * Source: in-toto attestation, spec/predicates/test-result.md.
 */
export function differenceOf(
  build: StatedBuild,
  others: readonly [OtherOutput, ...OtherOutput[]],
  url: string,
) {
  const { uuid, job, artifacts, main } = build
  const [first] = others
  return {
    subject: others.map(({ uuid: of, path, sha256 }) => ({ name: `${path} of ${of}`, digest: { sha256 } })),
    predicateType: predicateTypes.testResult,
    predicate: {
      result: 'FAILED',
      configuration: artifacts
        .filter(({ path }) => inputPaths.includes(path))
        .toSorted((a, b) => inputPaths.indexOf(a.path) - inputPaths.indexOf(b.path))
        .map(({ path, sha256 }) => ({
          name: path,
          digest: { sha256 },
          downloadLocation: url + artifactPath(job.name, uuid, path),
        })),
      url: url + comparePath(first.uuid, uuid),
      failedTests: ['rebuild'],
      builderHub_rebuilt: { name: main.path, digest: { sha256: main.sha256 } },
    },
  }
}
