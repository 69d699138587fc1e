import type { GradeKind } from '../gql/graphql.ts'
import { gradeSigns } from '../outcomes/grade-signs.ts'
import type { IconName } from '../ui/Icon.tsx'

/** How a grade looks, and what it means for somebody who sees it for the first time. */
export const gradeLooks: Record<GradeKind, { sign: IconName; tone: string; text: string }> = {
  CONFIRMED: {
    ...gradeSigns.CONFIRMED,
    text: 'Builders who do not depend on each other made this file from the same source, byte for byte. So one of them alone cannot have slipped something in.',
  },
  REPEATED: {
    ...gradeSigns.REPEATED,
    text: 'Several builds made this file, byte for byte. Nobody has said yet that builders who do not depend on each other made it from the same source.',
  },
  NOT_REPEATED: {
    ...gradeSigns.NOT_REPEATED,
    text: 'Only one build made this file. Whether another build would make the same is not known.',
  },
  DISPUTED: {
    ...gradeSigns.DISPUTED,
    text: 'The same source gave another file, too: in a build on this site, which makes it not reproducible, or elsewhere, as somebody has signed. One of the builds may have a fault, or the build depends on something that is not recorded.',
  },
  NONE: { ...gradeSigns.NONE, text: '' },
}
