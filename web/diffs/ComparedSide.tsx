import { Link } from 'react-router'
import { Outcome } from '../outcomes/Outcome.tsx'
import { Verdict } from '../outcomes/Verdict.tsx'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Name } from '../ui/Name.tsx'

export const ComparedSideFragment = graphql(`
  fragment ComparedSide on Build {
    id
    uuid
    startedAt
    job {
      id
      name
    }
    platform {
      id
      name
    }
    ...BuildOutcome
    ...BuildVerdict
  }
`)

/** One of the two builds: when and where it ran, and what is known of it. */
export function ComparedSide(props: {
  side: 'Left' | 'Right'
  build: FragmentType<typeof ComparedSideFragment>
  showJob: boolean
  onPick: () => void
}) {
  const { side, showJob, onPick } = props
  const build = readFragment(ComparedSideFragment, props.build)
  return (
    <section aria-label={`${side} build`} className="min-w-0 flex-1 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
        <span className="text-small text-quiet">{side}</span>
        <button type="button" className="control" onClick={onPick} aria-haspopup="dialog">
          Pick other<span className="sr-only"> for the {side.toLowerCase()} side</span>
        </button>
      </div>
      <p className="mt-1 font-semibold wrap-anywhere">
        <Link to={paths.build(build.job.name, build.uuid)}>
          {showJob && (
            <>
              <Name>{build.job.name}</Name>,{' '}
            </>
          )}
          <ExactTime at={build.startedAt} />
        </Link>
      </p>
      <p className="text-quiet wrap-anywhere">
        <RelativeTime at={build.startedAt} />
        {' on '}
        <Link to={paths.platform(build.platform.name)}>
          <Name>{build.platform.name}</Name>
        </Link>
      </p>
      <div className="mt-1 flex flex-wrap gap-x-5">
        <Outcome of={build} />
        <Verdict of={build} />
      </div>
    </section>
  )
}
