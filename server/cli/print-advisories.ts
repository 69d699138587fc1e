import type { AffectedPlace } from '../advisories/list-advisories.ts'
import { counted } from '../counted.ts'
import { visibleLine } from './visible-line.ts'

type Rated = { id: string; summary: string; severity: string | null; score: number | null }

/** What commands print of an advisory in a list. */
export type PrintedAdvisory = Rated & {
  publishedAt: Date | null
  modifiedAt: Date
  withdrawnAt: Date | null
  isListed: boolean
  packageNames: readonly string[]
  /** The newest builds that have the issue. */
  affected: readonly { job: string; platform: string; uuid: string; startedAt: Date }[]
}

/** An advisory as JSON has it. */
export function shownAdvisory(advisory: PrintedAdvisory): PrintedAdvisory {
  const { id, summary, severity, score, publishedAt, modifiedAt, withdrawnAt, isListed } = advisory
  const { packageNames, affected } = advisory
  return {
    ...{ id, summary, severity, score, publishedAt, modifiedAt, withdrawnAt, isListed, packageNames },
    affected: affected.map(({ job, platform, uuid, startedAt }) => ({ job, platform, uuid, startedAt })),
  }
}

/** `OSEC-2026-05 high [2 jobs] A summary`. */
export function describeAdvisory({ id, severity, summary, affected }: PrintedAdvisory): string {
  const jobs = new Set(affected.map(({ job }) => job)).size
  const where = jobs === 0 ? '' : ` [${counted(jobs, 'job')}]`
  return visibleLine(`${id} ${severity?.toLowerCase() ?? '-'}${where} ${summary}`)
}

/** What `hub advisories show` prints. `versions`: which of a package have the issue, in words. */
export type ShownAdvisory = Rated & {
  affected: readonly { name: string; versions: string }[]
  places: readonly Pick<AffectedPlace, 'job' | 'platform' | 'buildCount' | 'lastUuid' | 'fixedUuid'>[]
  /** What it says, as Markdown. */
  details: string
}

export function describeWholeAdvisory(found: ShownAdvisory): string {
  const { id, summary, severity, score, affected, places, details } = found
  return [
    `${id}: ${summary}`,
    `severity: ${severity?.toLowerCase() ?? 'not told'}${score === null ? '' : ` (${score})`}`,
    ...affected.map(({ name, versions }) => `affected: ${name} ${versions}`),
    ...places.map(({ job, platform, buildCount, lastUuid, fixedUuid }) =>
      [
        `${job} on ${platform}: ${counted(buildCount, 'build')}, the newest is ${lastUuid}`,
        fixedUuid === null ? 'no later build' : `fixed in ${fixedUuid}`,
      ].join(', '),
    ),
    '',
    details,
  ]
    .map(visibleLine)
    .join('')
}
