import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { gradeSigns } from './grade-signs.ts'

const BuildVerdictFragment = graphql(`
  fragment BuildVerdict on Build {
    reproducibility {
      grade {
        kind
        words
      }
    }
  }
`)

export type BuildVerdict = FragmentType<typeof BuildVerdictFragment>

export type VerdictName = 'REPRODUCED' | 'NOT_REPRODUCIBLE' | 'UNCONFIRMED' | 'NO_OUTPUT'

/** The words that stand for each verdict in filters. */
export const verdictWords: Record<VerdictName, string> = {
  REPRODUCED: 'repeated',
  NOT_REPRODUCIBLE: 'not reproducible',
  UNCONFIRMED: 'not repeated yet',
  NO_OUTPUT: 'no output',
}

/** `Repeated here ×4`, `Disputed`, …: the words of the server; null without a main binary. */
export function describeVerdict(build: BuildVerdict) {
  const { kind, words } = readFragment(BuildVerdictFragment, build).reproducibility.grade
  return kind === 'NONE' ? null : { ...gradeSigns[kind], words }
}
