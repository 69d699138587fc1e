import { type KeyboardEvent, useState } from 'react'
import { Link } from 'react-router'
import type { BuildStripFragment as Strip } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { describeOutcome } from '../outcomes/result.ts'
import { describeVerdict } from '../outcomes/verdict.ts'
import { paths } from '../paths.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { formatUtc } from '../ui/time.ts'
import { visibleName } from '../ui/visible-text.ts'

const BuildStripFragment = graphql(`
  fragment BuildStrip on Job {
    name
    newest: builds(first: 60, platform: $platform) {
      edges {
        node {
          id
          uuid
          startedAt
          platform {
            id
            name
          }
          ...BuildOutcome
          ...BuildVerdict
        }
      }
      totalCount
    }
  }
`)

export const JobStripQuery = graphql(`
  query JobStrip($name: String!, $platform: String) {
    job(name: $name) {
      id
      ...BuildStrip
    }
  }
`)

type Build = Strip['newest']['edges'][number]['node']

/** The newest builds of a job, the oldest of them first: a cell for each says how it ended, and leads to it. */
export function BuildStrip(props: { job: FragmentType<typeof BuildStripFragment>; platform: string | null }) {
  const { name, newest } = readFragment(BuildStripFragment, props.job)
  const builds = newest.edges.map(({ node }) => node).toReversed()
  /** The one cell that Tab stops at: the arrows go to the others. */
  const [stop, setStop] = useState(builds.length - 1)
  if (builds.length < 2) return null

  function onKeyDown(event: KeyboardEvent<HTMLOListElement>) {
    const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: builds.length - 1 }[event.key]
    const link = to === undefined ? null : event.currentTarget.querySelectorAll('a')[to]
    if (!link) return
    event.preventDefault()
    link.focus()
  }

  const all = `${paths.job(name)}?view=builds${props.platform ? `&platform=${encodeURIComponent(props.platform)}` : ''}`
  const isAll = newest.totalCount <= builds.length
  return (
    <section aria-labelledby="newest-builds" className="mt-8">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-4">
        <h2 id="newest-builds">{isAll ? 'All builds' : `Newest ${builds.length} builds`}</h2>
        <span className="text-small text-quiet">the newest is the last</span>
        <Link to={all} className="text-small">
          {isAll ? 'as a list' : `all ${newest.totalCount.toLocaleString('en-US')} builds`}
        </Link>
      </div>
      <ol className="flex flex-wrap gap-0.5" onKeyDown={onKeyDown}>
        {builds.map((build, index) => (
          <li key={build.id}>
            <BuildCell
              job={name}
              build={build}
              isStop={index === Math.min(stop, builds.length - 1)}
              onFocus={() => setStop(index)}
            />
          </li>
        ))}
      </ol>
    </section>
  )
}

function BuildCell(props: { job: string; build: Build; isStop: boolean; onFocus: () => void }) {
  const { job, build, isStop, onFocus } = props
  const { sign, tone, words } = lookOf(build)
  const label = `${formatUtc(build.startedAt)}, ${visibleName(build.platform.name)}: ${words}`
  return (
    <Link
      to={paths.build(job, build.uuid)}
      aria-label={label}
      title={label}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      className={`inline-flex size-6 items-center justify-center rounded-sm border border-line bg-raised hover:bg-hover ${tone}`}
    >
      <Icon name={sign} className="size-3.5" />
    </Link>
  )
}

/** How a build ended, and what others say of its output. */
function lookOf(build: Build): { sign: IconName; tone: string; words: string } {
  const { good, word, brief } = describeOutcome(build)
  if (!good) return { sign: 'cross', tone: 'text-bad', words: `${word.toLowerCase()}: ${brief}` }
  const verdict = describeVerdict(build)
  if (!verdict) return { sign: 'minus', tone: 'text-quiet', words: 'succeeded, no output' }
  const { sign, tone, words } = verdict
  return { sign, tone, words: `succeeded, ${words.charAt(0).toLowerCase()}${words.slice(1)}` }
}
