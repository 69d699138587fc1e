import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { formatSizeChange } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'

type Build = { uuid: string; startedAt: string; platform: { id: string } }

/** What is known of a change only after a while: where it is compared, and in half a line what it was. */
export type KnownChange = { path: string; headline: string }

/**
 * Between two outputs: what changed from the older one to the newer one, and a link to the comparison.
 * `newestOfOlder`, `newestOfNewer`: the newest build of each output on each platform. The room for `known` is kept.
 */
export function OutputChange(props: {
  newestOfOlder: readonly Build[]
  newestOfNewer: readonly Build[]
  firstOfNewer: Build
  sizes: { older: number; newer: number }
  known: KnownChange | null
}) {
  const { newestOfOlder, newestOfNewer, firstOfNewer, sizes, known } = props
  const path = known?.path ?? comparisonOf(newestOfOlder, [firstOfNewer, ...newestOfNewer])
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
 * Until the server says which builds it compares (`JobOutput.change`): two of one platform where there are any,
 * the first of `newer` before the others. The build that started earlier is on the left.
 */
function comparisonOf(older: readonly Build[], newer: readonly Build[]): string | null {
  const pairs = newer.flatMap((right) =>
    older.flatMap((left) => (left.platform.id === right.platform.id ? [{ left, right }] : [])),
  )
  const [left] = older.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
  const [right] = newer
  const pair = pairs[0] ?? (left && right && { left, right })
  if (!pair) return null
  const [first, second] = [pair.left, pair.right].toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  return first && second ? paths.compare(first.uuid, second.uuid) : null
}
