import { ChangeHeadline } from '../diffs/ChangeHeadline.tsx'
import { readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatDistance } from '../ui/time.ts'
import { BuildRelationsFragment, isSteady, RelatedBuildFragment, type Relations } from './BuildRelations.tsx'
import { LinkedFact } from './LinkedFact.tsx'

/** The comparisons that matter for a build that has a main binary. The older one is on the left. */
export function OutputChanges(props: { relations: Relations }) {
  const relations = readFragment(BuildRelationsFragment, props.relations)
  const previous = readFragment(RelatedBuildFragment, relations.previousDifferentOutput)
  const first = readFragment(RelatedBuildFragment, relations.firstWithOutput)
  const next = readFragment(RelatedBuildFragment, relations.nextDifferentOutput)
  const latest = readFragment(RelatedBuildFragment, relations.newestWithMainBinary)
  const { uuid, startedAt } = relations
  // What changed in the inputs since, and left the output as it is, is not what changed the output.
  const changed = first && isSteady(props.relations) ? first.uuid : uuid
  const isBehind =
    latest && latest.uuid !== uuid && latest.uuid !== next?.uuid && latest.startedAt > startedAt
  if (!previous && !next && !isBehind) return null
  return (
    <ul className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
      {previous && (
        <LinkedFact
          to={paths.compare(previous.uuid, changed)}
          link="what changed"
          after={<ChangeHeadline left={previous.uuid} right={changed} />}
        >
          other output <RelativeTime at={previous.startedAt} />:
        </LinkedFact>
      )}
      {next && (
        <LinkedFact to={paths.compare(uuid, next.uuid)} link="what changed then">
          output changed {formatDistance(startedAt, next.startedAt)} later:
        </LinkedFact>
      )}
      {isBehind && (
        <LinkedFact to={paths.compare(uuid, latest.uuid)} link="compare">
          latest <RelativeTime at={latest.startedAt} />:
        </LinkedFact>
      )}
    </ul>
  )
}
