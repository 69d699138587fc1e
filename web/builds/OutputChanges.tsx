import { ChangeHeadline } from '../diffs/ChangeHeadline.tsx'
import { readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatDistance } from '../ui/time.ts'
import { BuildStandingFragment, isSteady, RelatedBuildFragment, type Standing } from './Standing.tsx'
import { Way } from './Way.tsx'

/** The comparisons that matter for a build that has a main binary. The older one is on the left. */
export function OutputChanges(props: { standing: Standing }) {
  const standing = readFragment(BuildStandingFragment, props.standing)
  const previous = readFragment(RelatedBuildFragment, standing.previousDifferentOutput)
  const first = readFragment(RelatedBuildFragment, standing.firstWithOutput)
  const next = readFragment(RelatedBuildFragment, standing.nextDifferentOutput)
  const latest = readFragment(RelatedBuildFragment, standing.newestWithMainBinary)
  const { uuid, startedAt } = standing
  // What changed in the inputs since, and left the output as it is, is not what changed the output.
  const changed = first && isSteady(props.standing) ? first.uuid : uuid
  const isBehind =
    latest && latest.uuid !== uuid && latest.uuid !== next?.uuid && latest.startedAt > startedAt
  if (!previous && !next && !isBehind) return null
  return (
    <ul className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
      {previous && (
        <Way
          to={paths.compare(previous.uuid, changed)}
          link="what changed"
          after={<ChangeHeadline left={previous.uuid} right={changed} />}
        >
          other output <RelativeTime at={previous.startedAt} />:
        </Way>
      )}
      {next && (
        <Way to={paths.compare(uuid, next.uuid)} link="what changed then">
          output changed {formatDistance(startedAt, next.startedAt)} later:
        </Way>
      )}
      {isBehind && (
        <Way to={paths.compare(uuid, latest.uuid)} link="compare">
          latest <RelativeTime at={latest.startedAt} />:
        </Way>
      )}
    </ul>
  )
}
