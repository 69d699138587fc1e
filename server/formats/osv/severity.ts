import calculator from 'ae-cvss-calculator'
import type { OsvAdvisory } from './advisory.ts'

export type SeverityWord = 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'

/** The newest version of CVSS that there is counts. */
const order = ['CVSS_V4', 'CVSS_V3', 'CVSS_V2']

/** Score, 0 to 10, and word, from the vectors of CVSS. Null: there is no vector, or none that can be read. */
export function severityOf({
  severity,
}: Pick<OsvAdvisory, 'severity'>): { score: number; word: SeverityWord } | null {
  for (const type of order)
    for (const { score: vector } of severity.filter((one) => one.type === type)) {
      const score = scoreOf(vector)
      if (score !== null) return { score, word: wordOf(score) }
    }
  return null
}

/** The library says `any`. Null: the text is no vector. */
const readVector = calculator.fromVector as (vector: string) => {
  calculateScores: () => { base?: number; overall: number }
} | null

function scoreOf(vector: string): number | null {
  try {
    const scores = readVector(vector)?.calculateScores()
    // Without its base metrics a vector has no score, and the library says 0.
    return scores?.base === undefined ? null : scores.overall
  } catch {
    return null
  }
}

/** The words of CVSS 3 and 4. */
function wordOf(score: number): SeverityWord {
  if (score === 0) return 'NONE'
  if (score < 4) return 'LOW'
  if (score < 7) return 'MEDIUM'
  return score < 9 ? 'HIGH' : 'CRITICAL'
}
