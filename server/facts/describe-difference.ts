import type { Difference, FactRow, FactValue } from './fact-rule.ts'

/** A difference as one line, e.g. `JobPlatform jobId=1 platformId=2: failedCount is 3, not 2`. */
export function describeDifference({ table, key, expected, found }: Difference): string {
  const row = `${table} ${Object.entries(key)
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(' ')}`
  if (expected === null) return `${row}: there should be no such row`
  if (found === null) return `${row}: the row is missing`
  const columns = Object.keys(expected).map(
    (name) => `${name} is ${valueOf(found, name)}, not ${valueOf(expected, name)}`,
  )
  return `${row}: ${columns.join('; ')}`
}

const valueOf = (row: FactRow, name: string) => textOf(row[name] ?? null)

/** Text of builds may hold escape sequences for the terminal. */
function textOf(value: FactValue): string {
  if (value instanceof Date) return value.toISOString()
  return String(value).replace(/\p{Cc}/gu, '\u{fffd}')
}
