import type { Excerpt } from '../analyses/failure/excerpt.ts'
import type { Failure } from '../analyses/failure/explain-failure.ts'

/** What is told of a build in a mail. */
export type Explained = {
  /** Why it failed; null: it did not, or nothing is known. */
  failure: Failure | null
  /** The first line that tells of it, by which the same failure of another job is recognized. */
  errorLine: string | null
  /** Lines of the console that show it; `matchedLine` is the number of the one that tells it. */
  excerpt: (Excerpt & { matchedLine: number | null }) | null
  /** What changed since the success before. `packageChange`: the first package of another version, `dns 7.0.2 → 7.0.3`. */
  change: { since: string; headline: string; packageChange: string | null } | null
  /** Known issues of its packages that the operator has not declared harmless, the worst first: `OSEC-2026-17: Names are too long. (high)`. */
  issues: readonly string[]
  /** The console is still to be analysed. */
  isUnfinished: boolean
}

export const nothingKnown: Explained = {
  ...{ failure: null, errorLine: null, excerpt: null, change: null, issues: [], isUnfinished: false },
}
