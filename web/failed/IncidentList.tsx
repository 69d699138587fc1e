import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { IncidentFragment as Incident } from '../gql/graphql.ts'
import { describeOutcome } from '../outcomes/result.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatDistance } from '../ui/time.ts'

const IncidentFragment = graphql(`
  fragment Incident on Incident {
    job
    platform
    buildCount
    firstBuild {
      id
      uuid
      startedAt
    }
    lastBuild {
      id
      uuid
      startedAt
      failure {
        class
        reason
      }
      ...BuildOutcome
    }
    lastGood {
      id
      uuid
      startedAt
    }
    fixedBy {
      id
      uuid
      startedAt
    }
  }
`)

/**
 * Failures by job and platform: since when, how often, why, and what changed since it was good. Those with the same reason name each other.
 */
export function IncidentList(props: {
  id: string
  title: string
  incidents: readonly FragmentType<typeof IncidentFragment>[]
}) {
  const { id, title } = props
  const incidents = readFragment(IncidentFragment, props.incidents)
  return (
    <section aria-labelledby={id} className="mb-8">
      <h2 id={id} className="mb-1">
        {title} <span className="font-normal text-quiet tabular-nums">{incidents.length}</span>
      </h2>
      <ul aria-label={title}>
        {incidents.map((incident) => (
          <li key={incident.lastBuild.id} className="border-t border-line py-2">
            <IncidentEntry incident={incident} others={withSameReason(incident, incidents)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function withSameReason(one: Incident, all: readonly Incident[]): Incident[] {
  const reason = one.lastBuild.failure?.reason
  return reason == null
    ? []
    : all.filter((other) => other !== one && other.lastBuild.failure?.reason === reason)
}

function IncidentEntry({ incident, others }: { incident: Incident; others: readonly Incident[] }) {
  const { job, platform, buildCount, firstBuild, lastBuild, lastGood, fixedBy } = incident
  const { word, brief } = describeOutcome(lastBuild)
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="wrap-anywhere">
          <Icon
            name={fixedBy ? 'check' : 'cross'}
            className={`mr-1.5 ${fixedBy ? 'text-good' : 'text-bad'}`}
          />
          <Link to={paths.job(job)} className="font-semibold">
            <Name>{job}</Name>
          </Link>{' '}
          on <Name>{platform}</Name>
        </span>
        <span className="min-w-0 wrap-anywhere">
          {word}: {brief}
          {lastBuild.failure?.reason && <span className="text-quiet"> ({lastBuild.failure.reason})</span>}
        </span>
      </p>
      <p className="mt-0.5 flex flex-wrap gap-x-4 text-small text-quiet">
        <span>
          {buildCount === 1 ? 'one build, ' : `${buildCount.toLocaleString('en-US')} builds in a row, first `}
          <Link to={paths.build(job, firstBuild.uuid)}>
            <RelativeTime at={firstBuild.startedAt} />
          </Link>
          {buildCount > 1 && (
            <>
              , last{' '}
              <Link to={paths.build(job, lastBuild.uuid)}>
                <RelativeTime at={lastBuild.startedAt} />
              </Link>
            </>
          )}
        </span>
        {lastGood ? (
          <span>
            last good{' '}
            <Link to={paths.build(job, lastGood.uuid)}>
              <RelativeTime at={lastGood.startedAt} />
            </Link>
            : <Link to={paths.compare(lastGood.uuid, firstBuild.uuid)}>what changed when it broke</Link>,{' '}
            <Link to={`${paths.compare(lastGood.uuid, firstBuild.uuid)}#cause`}>
              which change is the cause
            </Link>
          </span>
        ) : (
          <span>it has never succeeded</span>
        )}
        {fixedBy && (
          <span>
            <Link to={paths.compare(lastBuild.uuid, fixedBy.uuid)}>
              fixed {formatDistance(firstBuild.startedAt, fixedBy.startedAt)} later
            </Link>
          </span>
        )}
        {others.length > 0 && (
          <span>
            the same reason:{' '}
            {others.map((other, index) => (
              <span key={other.lastBuild.id}>
                {index > 0 && ', '}
                <Link to={paths.build(other.job, other.lastBuild.uuid)}>
                  <Name>{other.job}</Name> on <Name>{other.platform}</Name>
                </Link>
              </span>
            ))}
          </span>
        )}
      </p>
    </>
  )
}
