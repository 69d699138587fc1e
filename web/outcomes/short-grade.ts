import type { GradeKind } from '../gql/graphql.ts'
import type { IconName } from '../ui/Icon.tsx'
import { gradeSigns } from './grade-signs.ts'

/** What of a grade a row of a list shows. */
export type ShownGrade = { kind: GradeKind; words: string; builders: readonly string[] }

/** A grade in a few words, for a row; its whole words belong into the tooltip. */
export function shortGrade({ kind, words, builders }: ShownGrade): {
  sign: IconName
  tone: string
  words: string
} {
  const look = gradeSigns[kind]
  if (kind === 'CONFIRMED') return { ...look, words: `confirmed by ${builders.length}` }
  const brief = words.charAt(0).toLowerCase() + words.slice(1)
  // In a list, colour is for what independent builders confirm, and for what needs attention.
  return kind === 'REPEATED' ? { ...look, tone: 'text-text', words: brief } : { ...look, words: brief }
}
