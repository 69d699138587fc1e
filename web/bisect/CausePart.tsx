import { useQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import type { BisectionQuery as Data } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { describeOutcome } from '../outcomes/result.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatUtc } from '../ui/time.ts'
import { SharedCauses } from './SharedCauses.tsx'

const RebuildNow = lazy(() => import('../schedule/RebuildNow.tsx'))

const BisectionQuery = graphql(`
  query Bisection($left: UUID!, $right: UUID!) {
    bisection(left: $left, right: $right) {
      job
      effect
      text
      isFromConsole
      before {
        id
        uuid
        startedAt
        inputId
        platform {
          id
          name
        }
      }
      after {
        id
        uuid
        startedAt
      }
      builds {
        side
        build {
          id
          uuid
          startedAt
          ...BuildOutcome
        }
      }
      changes {
        kind
        name
        text
        standing
        reason
        clearedBy {
          id
          uuid
          startedAt
        }
      }
      together {
        ...SharedCauses
      }
    }
  }
`)

type Bisection = NonNullable<Data['bisection']>

/** Which change of the inputs is the cause, and what other builds say of each. */
export default function CausePart(props: { left: string; right: string }) {
  const { data, error } = useQuery(BisectionQuery, { variables: props })
  if (error)
    return <p className="text-quiet">The cause could not be looked for: reload the page to try again.</p>
  if (!data)
    return (
      <p role="status" data-state="loading" className="text-quiet">
        The inputs of the builds before and after are being read.
      </p>
    )
  const found = data.bisection
  if (!found) return <p className="text-quiet">They are not two builds of one job.</p>
  return (
    <>
      <p className="font-semibold wrap-anywhere">{found.text}</p>
      <Narrowed {...props} found={found} />
      <BuildStrip found={found} />
      <ChangeTable found={found} />
      {found.isFromConsole && (
        <p className="mt-2 text-small text-quiet">
          Versions of packages are those that the consoles name: one of the two builds has no opam switch.
        </p>
      )}
      {found.together && (
        <>
          <h3 className="mt-4">Other jobs broke at the same time</h3>
          <SharedCauses groups={[found.together]} />
        </>
      )}
      <RebuildBefore found={found} />
    </>
  )
}

function Narrowed({ left, right, found }: { left: string; right: string; found: Bisection }) {
  const { before, after } = found
  const asked = [left, right]
  if (asked.includes(before.uuid) && asked.includes(after.uuid)) return null
  return (
    <p className="mt-1 text-quiet">
      It happened between two builds that are nearer:{' '}
      <Link to={`${paths.compare(before.uuid, after.uuid)}#cause`}>
        {formatUtc(before.startedAt)} → {formatUtc(after.startedAt)}
      </Link>
    </p>
  )
}

const sides = {
  BEFORE: { icon: 'check', word: 'without it', tone: 'text-good' },
  AFTER: { icon: 'cross', word: 'with it', tone: 'text-bad' },
  OTHER: { icon: 'minus', word: 'neither', tone: 'text-quiet' },
} as const

/** The builds that were looked at, one sign each. */
function BuildStrip({ found: { job, effect, builds } }: { found: Bisection }) {
  if (builds.length < 3) return null
  const isResult = effect === 'BROKE' || effect === 'FIXED'
  return (
    <div className="mt-3">
      <h3 className="text-small font-normal text-quiet">Builds that were looked at, the oldest first</h3>
      <ul aria-label="Builds that were looked at" className="mt-1 flex flex-wrap gap-1">
        {builds.map(({ side, build }) => {
          const { icon, word, tone } = sides[side]
          const words = isResult ? describeOutcome(build).word : word
          return (
            <li key={build.id}>
              <Link
                to={paths.build(job, build.uuid)}
                className="flex size-6 items-center justify-center border border-line"
                title={`${formatUtc(build.startedAt)}: ${words}`}
              >
                <Icon name={icon} className={tone} />
                <span className="sr-only">
                  {formatUtc(build.startedAt)}: {words}
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** Cleared changes are folded: they are what it is not. */
function ChangeTable({ found: { job, changes } }: { found: Bisection }) {
  const cleared = changes.filter(({ standing }) => standing === 'CLEARED')
  const open = changes.filter(({ standing }) => standing !== 'CLEARED')
  return (
    <>
      {open.length > 0 && <ChangeRows label="What may be the cause" job={job} changes={open} />}
      {cleared.length > 0 && (
        <details className="mt-2">
          <summary className="cursor-pointer text-quiet">
            {cleared.length.toLocaleString('en-US')}{' '}
            {cleared.length === 1 ? 'change that another build clears' : 'changes that other builds clear'}
          </summary>
          <ChangeRows label="What other builds clear" job={job} changes={cleared} />
        </details>
      )}
    </>
  )
}

function ChangeRows(props: { label: string; job: string; changes: Bisection['changes'] }) {
  return (
    <ul aria-label={props.label} className="mt-2">
      {props.changes.map(({ kind, name, text, standing, reason, clearedBy }) => (
        <li key={`${kind} ${name}`} className="flex flex-wrap gap-x-4 border-t border-line py-1">
          <span className={`min-w-0 wrap-anywhere ${standing === 'SUSPECT' ? 'font-semibold' : ''}`}>
            {kind === 'PACKAGE' ? (
              <Link to={paths.package('opam', name)}>
                <Name>{text}</Name>
              </Link>
            ) : (
              <Name>{text}</Name>
            )}
          </span>
          <span className="min-w-0 text-quiet wrap-anywhere">
            {standing === 'SUSPECT' && <span className="text-warn">suspect: </span>}
            {reason}
            {clearedBy && (
              <>
                {': '}
                <Link to={paths.build(props.job, clearedBy.uuid)}>
                  <RelativeTime at={clearedBy.startedAt} />
                </Link>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** For who may schedule: the build that tells a change of the inputs from one that nothing records. */
function RebuildBefore({ found: { before, effect } }: { found: Bisection }) {
  if (before.inputId == null || effect === 'NOTHING') return null
  return (
    <Suspense>
      <div className="mt-4">
        <RebuildNow
          uuid={before.uuid}
          platform={before.platform.name}
          label="Build the older inputs again"
          reason="To tell whether the older inputs still give the same result"
        />
      </div>
    </Suspense>
  )
}
