import type { GradeKind } from '../gql/graphql.ts'
import type { IconName } from '../ui/Icon.tsx'

/** The sign and the colour of each grade, wherever it is shown. */
export const gradeSigns: Record<GradeKind, { sign: IconName; tone: string }> = {
  CONFIRMED: { sign: 'check', tone: 'text-good' },
  REPEATED: { sign: 'check', tone: 'text-good' },
  NOT_REPEATED: { sign: 'once', tone: 'text-quiet' },
  DISPUTED: { sign: 'unequal', tone: 'text-warn' },
  NONE: { sign: 'cross', tone: 'text-quiet' },
}
