import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { IconName } from '../ui/Icon.tsx'

const BuildVerdictFragment = graphql(`
  fragment BuildVerdict on Build {
    reproducibility {
      verdict
      buildCount
    }
  }
`)

export type BuildVerdict = FragmentType<typeof BuildVerdictFragment>

export type VerdictName = 'REPRODUCED' | 'NOT_REPRODUCIBLE' | 'UNCONFIRMED' | 'NO_OUTPUT'

/** How each verdict looks: a sign, a colour, and the words that stand for it in filters. */
export const verdictLooks: Record<VerdictName, { sign: IconName; tone: string; words: string }> = {
  REPRODUCED: { sign: 'check', tone: 'text-good', words: 'reproduced' },
  NOT_REPRODUCIBLE: { sign: 'unequal', tone: 'text-warn', words: 'not reproducible' },
  UNCONFIRMED: { sign: 'once', tone: 'text-quiet', words: 'not confirmed' },
  NO_OUTPUT: { sign: 'cross', tone: 'text-quiet', words: 'no output' },
}

/** `reproduced ×4` (as many builds gave this main binary), `not reproducible`, …; null without a main binary. */
export function describeVerdict(build: BuildVerdict) {
  const { verdict, buildCount } = readFragment(BuildVerdictFragment, build).reproducibility
  if (verdict === 'NO_OUTPUT') return null
  const looks = verdictLooks[verdict]
  return verdict === 'REPRODUCED' ? { ...looks, words: `${looks.words} ×${buildCount}` } : looks
}
