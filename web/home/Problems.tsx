import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { describeOutcome } from '../outcomes/result.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { formatDay } from '../ui/time.ts'
import type { Overview, OverviewJob, OverviewPlatform } from './overview.ts'

type Issue = Overview['issues'][number]

/** So many are listed; the strip leads to the others. */
const mostProblems = 8
/** So many jobs of an issue are named. */
const mostNames = 4

/** What fails, is disputed, or has known issues: a line each, with its reason and where to look next. */
export function Problems({ jobs, issues }: { jobs: readonly OverviewJob[]; issues: readonly Issue[] }) {
  const places = jobs.flatMap((job) => job.platforms.map((platform) => ({ job, platform })))
  const names = new Set(jobs.map(({ name }) => name))
  const failing = places
    .filter(({ platform }) => platform.failing)
    .toSorted((one, other) => since(other.platform).localeCompare(since(one.platform)))
  const disputed = places.filter(({ platform }) => platform.problems.includes('DISPUTED'))
  const lines = [
    ...failing.map((place) => <Failing key={keyOf('failing', place)} {...place} />),
    ...disputed.map((place) => <Disputed key={keyOf('disputed', place)} {...place} />),
    ...issues
      .map((issue) => ({ ...issue, jobs: issue.jobs.filter((name) => names.has(name)) }))
      .filter((issue) => issue.jobs.length > 0)
      .map((issue) => <Affected key={issue.id} issue={issue} />),
  ]
  if (lines.length === 0) return null
  const more = lines.length - mostProblems
  return (
    <section aria-label="Problems" className="mt-4 border-y border-line">
      <ul className="divide-y divide-line">{lines.slice(0, mostProblems)}</ul>
      {more > 0 && <p className="border-t border-line py-1.5 text-small text-quiet">and {more} more</p>}
    </section>
  )
}

type Place = { job: OverviewJob; platform: OverviewPlatform }

const since = ({ failing }: OverviewPlatform) => failing?.firstFailedAt ?? ''

const keyOf = (kind: string, { job, platform }: Place) => `${kind} ${job.name} ${platform.name}`

function Failing({ job, platform }: Place) {
  const { failing } = platform
  if (!failing) return null
  const { failedCount, firstFailedAt, lastGood, newestBuild } = failing
  const builds = failedCount === 1 ? '1 build' : `${failedCount.toLocaleString('en-US')} builds`
  return (
    <Line
      sign="cross"
      tone="text-bad"
      name={<Where job={job} platform={platform} />}
      next={lastGood !== null && { to: paths.build(job.name, lastGood), words: 'last good' }}
    >
      <Link to={paths.build(job.name, newestBuild.uuid)} {...rowLink}>
        failing {firstFailedAt !== null && `since ${formatDay(firstFailedAt)}`}
      </Link>
      , {builds}: <span className="wrap-anywhere text-bad">{describeOutcome(newestBuild).brief}</span>
    </Line>
  )
}

function Disputed({ job, platform }: Place) {
  const { otherOutputPath, newestBuild, sha256 } = platform
  return (
    <Line
      sign="unequal"
      tone="text-warn"
      name={<Where job={job} platform={platform} />}
      next={
        otherOutputPath === null
          ? sha256 !== null && { to: paths.hash(sha256), words: 'who says so' }
          : { to: otherOutputPath, words: 'compare' }
      }
    >
      <Link to={paths.build(job.name, newestBuild)} {...rowLink}>
        disputed
      </Link>
      : {otherOutputPath === null ? 'somebody has signed that ' : ''}the same input gave another output, too
    </Line>
  )
}

function Affected({ issue: { id, summary, severity, jobs } }: { issue: Issue }) {
  const more = jobs.length - mostNames
  return (
    <Line
      sign="alarm"
      tone="text-warn"
      name={
        <Link to={paths.advisory(id)} className="font-semibold" {...rowLink}>
          {id}
        </Link>
      }
    >
      {severity !== null && `${severity.toLowerCase()}: `}
      <bdi>{summary}</bdi>
      <span className="text-quiet">
        {' '}
        in{' '}
        {jobs.slice(0, mostNames).map((name, index) => (
          <span key={name}>
            {index > 0 && ', '}
            <Link to={paths.job(name)} className="wrap-anywhere">
              <Name>{name}</Name>
            </Link>
          </span>
        ))}
        {more > 0 && ` and ${more} more`}
      </span>
    </Line>
  )
}

function Where({ job, platform }: Place) {
  return (
    <>
      <Link to={paths.job(job.name)} className="font-semibold wrap-anywhere">
        <Name>{job.name}</Name>
      </Link>
      <span className="text-quiet">
        {' on '}
        <Name>{platform.name}</Name>
      </span>
    </>
  )
}

function Line(props: {
  sign: IconName
  tone: string
  name: ReactNode
  next?: { to: string; words: string } | false
  children: ReactNode
}) {
  const { sign, tone, name, next, children } = props
  return (
    <li className="flex items-start gap-2 py-1.5">
      <Icon name={sign} className={`my-0.5 ${tone}`} />
      <div className="flex min-w-0 grow flex-wrap gap-x-4">
        <span className="min-w-0 wrap-anywhere wide:basis-64">{name}</span>
        <span className="min-w-0 grow wide:basis-80">{children}</span>
      </div>
      {next && (
        <Link to={next.to} className="inline-flex items-center gap-0.5 whitespace-nowrap">
          {next.words} <Icon name="forward" className="size-3.5" />
        </Link>
      )}
    </li>
  )
}
