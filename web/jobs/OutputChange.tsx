import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { formatSizeChange } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'

type Build = { uuid: string; startedAt: string; platform: { id: string } }

/** What is known of a change only after a while: where it is compared, and in half a line what it was. */
export type KnownChange = { path: string; headline: string }

/**
 * Between two outputs: what changed from the older one to the newer one, and a link to the comparison.
 * `newestOfOlder`: the newest build of the older output on each platform. The room for `known` is kept.
 */
export function OutputChange(props: {
  newestOfOlder: readonly Build[]
  firstOfNewer: Build
  sizes: { older: number; newer: number }
  known: KnownChange | null
}) {
  const { newestOfOlder, firstOfNewer, sizes, known } = props
  const path = known?.path ?? comparisonOf(newestOfOlder, firstOfNewer)
  if (path === null) return null
  return (
    <li className="flex items-center gap-x-3 text-small text-quiet narrow:flex-wrap">
      <span
        title={known?.headline}
        className="min-w-0 wide:truncate narrow:order-last narrow:line-clamp-2 narrow:h-[2lh] narrow:basis-full"
      >
        changed{known && <bdi>: {known.headline}</bdi>}
      </span>
      <span aria-hidden="true" className="h-px min-w-6 grow bg-line-strong/50" />
      <span className="whitespace-nowrap tabular-nums">{formatSizeChange(sizes.older, sizes.newer)}</span>
      <Link to={path} className="inline-flex items-center gap-0.5 whitespace-nowrap">
        what changed <Icon name="forward" className="size-3.5" />
      </Link>
    </li>
  )
}

/**
 * The pair that the server compares, too (`JobOutput.change`): the first build of the newer output with the
 * last of the older one, of the same platform when there is one. The build that started earlier is on the left.
 */
function comparisonOf(newestOfOlder: readonly Build[], first: Build): string | null {
  const last =
    newestOfOlder.find(({ platform }) => platform.id === first.platform.id) ??
    newestOfOlder.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]
  if (!last) return null
  return last.startedAt <= first.startedAt
    ? paths.compare(last.uuid, first.uuid)
    : paths.compare(first.uuid, last.uuid)
}
