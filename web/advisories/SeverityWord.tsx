import type { Severity } from '../gql/graphql.ts'

const words: Record<Severity, string> = {
  NONE: 'none',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  CRITICAL: 'critical',
}

/** How bad an issue is: the word, and the score of CVSS. */
export function SeverityWord({ severity, score }: { severity: Severity | null; score: number | null }) {
  if (severity === null) return <span className="text-quiet">not told</span>
  const isBad = severity === 'HIGH' || severity === 'CRITICAL'
  return (
    <span className={`whitespace-nowrap ${isBad ? 'text-bad' : ''}`}>
      {words[severity]} {score !== null && <span className="tabular-nums">{score.toFixed(1)}</span>}
    </span>
  )
}
