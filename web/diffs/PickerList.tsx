import { useQuery } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { Outcome } from '../outcomes/Outcome.tsx'
import { Verdict } from '../outcomes/Verdict.tsx'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { describeFailure } from '../shell/ErrorPage.tsx'
import { formatByteSize } from '../ui/byte-size.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatUtc } from '../ui/time.ts'
import type { PickedBuild } from './BuildPicker.tsx'
import { type PickerFilter, toBuildArguments } from './picker-filter.ts'
import { Name } from '../ui/Name.tsx'
import { countOf } from '../ui/signed.ts'

const PickerListQuery = graphql(`
  query PickerList(
    $job: String!
    $platform: String
    $verdict: Verdict
    $since: DateTime
    $until: DateTime
    $after: String
  ) {
    job(name: $job) {
      id
      builds(first: 50, after: $after, platform: $platform, verdict: $verdict, since: $since, until: $until) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            id
            ...PickerRow
          }
        }
      }
    }
  }
`)

const PickerRowFragment = graphql(`
  fragment PickerRow on Build {
    uuid
    startedAt
    platform {
      id
      name
    }
    mainBinary {
      id
      sizeBytes
      sha256
    }
    ...BuildOutcome
    ...BuildVerdict
  }
`)

type RowContext = {
  /** The build that is to be replaced, and the one that stays. */
  shown: string
  kept: string
  addressOf: (build: PickedBuild) => string
}

/** The builds that pass the filter, newest first; more of them come as one scrolls. */
export function PickerList(props: RowContext & { job: string; filter: PickerFilter; onShowAll: () => void }) {
  const { job, filter, onShowAll, ...context } = props
  const [cursors, setCursors] = useState<(string | null)[]>([null])
  return (
    <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain" data-picker-list="">
      {cursors.map((after, index) => (
        <PickerPage
          key={after}
          job={job}
          filter={filter}
          after={after}
          isLast={index === cursors.length - 1}
          onMore={(next) => setCursors((now) => (now.includes(next) ? now : [...now, next]))}
          onShowAll={onShowAll}
          {...context}
        />
      ))}
    </div>
  )
}

function PickerPage(
  props: RowContext & {
    job: string
    filter: PickerFilter
    after: string | null
    isLast: boolean
    onMore: (cursor: string) => void
    onShowAll: () => void
  },
) {
  const { job, filter, after, isLast, onMore, onShowAll, ...context } = props
  const { data, error, refetch } = useQuery(PickerListQuery, {
    variables: { job, after, ...toBuildArguments(filter) },
  })
  if (error)
    return (
      <div role="alert" className="px-4 py-6">
        <p>
          {describeFailure(error).title}. {describeFailure(error).advice}
        </p>
        <button type="button" className="control mt-2" onClick={() => void refetch()}>
          Try again
        </button>
      </div>
    )
  if (!data)
    return (
      <p role="status" className="appear-late px-4 py-6 text-quiet">
        Loading
      </p>
    )
  const builds = data.job?.builds
  const next = builds?.pageInfo.hasNextPage ? builds.pageInfo.endCursor : null
  return (
    <>
      {after === null && (
        <p role="status" className="px-4 pt-2 text-small text-quiet">
          {countOf(builds?.totalCount ?? 0, 'build')}
        </p>
      )}
      {builds && builds.totalCount > 0 ? (
        <ul>
          {builds.edges.map(({ node }) => (
            <PickerRow key={node.id} build={node} {...context} />
          ))}
        </ul>
      ) : (
        <p className="px-4 py-6 text-quiet">
          No build fits.{' '}
          <button type="button" className="text-accent underline" onClick={onShowAll}>
            Show all builds
          </button>
        </p>
      )}
      {isLast && next && <More onMore={() => onMore(next)} />}
    </>
  )
}

/** Asks for more as soon as it is nearly on the screen. It is a button for those who come by keyboard. */
function More({ onMore }: { onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  const ask = useRef(onMore)
  useEffect(() => {
    ask.current = onMore
  })
  useEffect(() => {
    const element = button.current
    if (!element) return
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && ask.current(),
      { root: element.closest('[data-picker-list]'), rootMargin: '400px' },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return (
    <p className="px-4 py-3">
      <button ref={button} type="button" className="control" onClick={onMore}>
        Show more
      </button>
    </p>
  )
}

function PickerRow(props: RowContext & { build: FragmentType<typeof PickerRowFragment> }) {
  const { shown, kept, addressOf } = props
  const build = readFragment(PickerRowFragment, props.build)
  const { uuid, startedAt, platform, mainBinary } = build
  const note = uuid === kept ? 'the other side' : uuid === shown ? 'shown now' : null
  return (
    <li className="picker-row">
      <Link
        to={addressOf(build)}
        data-picker-row=""
        aria-current={uuid === shown ? 'true' : undefined}
        className="picker-link"
      >
        <span className="picker-time">
          <time dateTime={startedAt} className="tabular-nums">
            {formatUtc(startedAt)}
          </time>
          <span className="ml-2 text-small text-quiet">{note ?? <RelativeTime at={startedAt} />}</span>
        </span>
        <span className="wrap-anywhere text-text">
          <Name>{platform.name}</Name>
        </span>
        <span className="min-w-0 text-text">
          <Outcome of={build} />
        </span>
        <span className="text-text">
          <Verdict of={build} />
        </span>
        <span className="picker-binary text-text">
          {mainBinary && (
            <>
              <span className="tabular-nums">{formatByteSize(mainBinary.sizeBytes)}</span>{' '}
              <code className="text-quiet">{mainBinary.sha256.slice(0, 6)}</code>
            </>
          )}
        </span>
      </Link>
    </li>
  )
}
