import cronstrue from 'cronstrue'
import type { SchedulePeriod } from '../gql/graphql.ts'

export const periods: Record<SchedulePeriod, string> = {
  HOURLY: 'every hour',
  DAILY: 'every day',
  WEEKLY: 'every week',
  NEVER: 'only when somebody asks',
  CRON: 'by a cron expression',
}

/** `every day`, or `at 04:30, only on Monday (Europe/Berlin)`; of an expression without words, the expression. */
export function describePeriod(schedule: {
  period: SchedulePeriod
  cron?: string | null | undefined
  timeZone: string
}): string {
  const { period, cron, timeZone } = schedule
  if (period !== 'CRON' || cron == null) return periods[period]
  return `${cronWords(cron)} (${timeZone})`
}

function cronWords(cron: string): string {
  try {
    const words = cronstrue.toString(cron, { use24HourTimeFormat: true })
    return words.charAt(0).toLowerCase() + words.slice(1)
  } catch {
    // It throws a text for what it does not know.
    return `cron ${cron}`
  }
}
