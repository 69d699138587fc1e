import { formatByteSize } from '../byte-size.ts'
import type { PlaceForecast } from '../retention/vacuum.ts'
import { visibleName } from '../visible-text.ts'

type Outcome = {
  /** Nothing was removed: the numbers say what would be. */
  isDryRun: boolean
  /** Null: not counted. */
  freedBytes: number | null
  json: boolean
}

/** What `hub vacuum` has removed, or would remove: a table of jobs and platforms with a total, or JSON. */
export function printVacuum(places: readonly PlaceForecast[], outcome: Outcome): string {
  return outcome.json ? `${JSON.stringify(toJson(places, outcome), null, 2)}\n` : toText(places, outcome)
}

const totalOf = (places: readonly PlaceForecast[]) =>
  places.reduce((sum, { removedCount }) => sum + removedCount, 0)

function toJson(places: readonly PlaceForecast[], { isDryRun, freedBytes }: Outcome) {
  return {
    isDryRun,
    removedCount: totalOf(places),
    ...(freedBytes === null ? {} : { freedBytes }),
    places: places.map(({ place: { job, platform }, buildCount, removedCount, stays }) => ({
      ...{ job, platform, buildCount, removedCount },
      ...(isDryRun ? { staysOfRule: stays.rule, staysOfOutput: stays.output } : {}),
      ...(isDryRun ? { staysAsNewest: stays.newest, staysAsPinned: stays.pinned } : {}),
    })),
  }
}

/** Each build is counted once. */
const legend = [
  'These columns count builds that stay although no number and no time keeps them:',
  '  newest     the newest build, the newest that succeeded, the newest with a main binary',
  '  of output  the first or the last build of a main binary (--keep-outputs)',
  '  pinned     builds that "hub build pin" keeps',
]

function toText(places: readonly PlaceForecast[], { isDryRun, freedBytes }: Outcome): string {
  const count = totalOf(places)
  const builds = `${count} ${count === 1 ? 'build' : 'builds'}`
  const shown = places.filter(({ removedCount }) => removedCount > 0)
  if (!isDryRun) {
    const jobs = new Set(shown.map(({ place }) => place.job)).size
    const of = count === 0 ? '' : ` of ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`
    const next = count === 0 ? '' : '; the server deletes their content within two days'
    return `${builds}${of} removed${next}\n`
  }
  const head = ['job', 'platform', 'builds', 'removed', 'newest', 'of output', 'pinned']
  const rows = shown.map(({ place: { job, platform }, buildCount, removedCount, stays }) => [
    visibleName(job),
    visibleName(platform),
    ...[buildCount, removedCount, stays.newest, stays.output, stays.pinned].map(String),
  ])
  const widths = head.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd()
  const freed = freedBytes === null || count === 0 ? '' : `; ${formatByteSize(freedBytes)} become free`
  return [
    ...(rows.length > 0 ? [head, ...rows].map(line) : []),
    ...(rows.length > 0 ? ['', ...legend, ''] : []),
    `${builds} would be removed${freed}`,
    '',
  ].join('\n')
}
