import * as z from 'zod'
import type { OutputCounts, Verdict } from '../builds/verdict.ts'

/** How well an output is confirmed, in words that everybody understands. `NONE`: there is no output. */
export type GradeKind = 'DISPUTED' | 'CONFIRMED' | 'REPEATED' | 'NOT_REPEATED' | 'NONE'

export type Grade = {
  kind: GradeKind
  /** `Confirmed by 2 independent builders (robur, tarides)`: it begins a sentence. */
  words: string
  /** The same within a sentence. */
  brief: string
  /** Names of the independent builders, sorted. */
  builders: string[]
  /** Names of those who got another output, sorted; none if nobody has said who they are. */
  disputedBy: string[]
}

/** So many builders are named in words. */
const namedBuilders = 4

const Names = z.array(z.string())

/** What of an output the grade follows from. `confirmedBy` and `disputedBy`: as the columns have them. */
export type GradedOutput = Pick<OutputCounts, 'buildCount'> & {
  confirmedBy: string | null
  disputedBy: string | null
}

const namesIn = (column: string | null): string[] => (column === null ? [] : Names.parse(JSON.parse(column)))

/**
 * The grade of a build, from its verdict and the counts of its main binary. The only place that words it: pages, badges, feeds and JSON have
 * it from here. `output`: null without a main binary. A signed statement disputes an output as a build on this site does.
 */
export function gradeOf(verdict: Verdict, output: GradedOutput | null): Grade {
  if (verdict === 'NO_OUTPUT' || !output) return graded('NONE', 'No output')
  const disputedBy = namesIn(output.disputedBy)
  if (verdict === 'NOT_REPRODUCIBLE' || disputedBy.length > 0)
    return { ...graded('DISPUTED', 'Disputed'), disputedBy }
  const builders = namesIn(output.confirmedBy)
  if (builders.length > 1) return { ...graded('CONFIRMED', confirmedWords(builders)), builders }
  if (output.buildCount > 1) return graded('REPEATED', `Repeated here ×${output.buildCount}`)
  return graded('NOT_REPEATED', 'Not repeated yet')
}

function graded(kind: GradeKind, words: string): Grade {
  return { kind, words, brief: words.charAt(0).toLowerCase() + words.slice(1), builders: [], disputedBy: [] }
}

function confirmedWords(builders: readonly string[]): string {
  const more = builders.length - namedBuilders
  const names = builders.slice(0, namedBuilders).join(', ')
  return `Confirmed by ${builders.length} independent builders (${names}${more > 0 ? ` and ${more} more` : ''})`
}
