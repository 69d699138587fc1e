import { Link } from 'react-router'
import { formatSizeChange } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'

/**
 * Between two outputs: what changed from the older output to the newer one, and a link to the comparison, `path`.
 * `headline`: the change in half a line, known only after a while; its room is kept.
 */
export function OutputChange(props: {
  path: string
  sizes: { older: number; newer: number }
  headline: string | null
}) {
  const { path, sizes, headline } = props
  return (
    <li className="flex items-center gap-x-3 text-small text-quiet narrow:flex-wrap">
      <span
        title={headline ?? undefined}
        className="min-w-0 wide:truncate narrow:order-last narrow:line-clamp-2 narrow:h-[2lh] narrow:basis-full"
      >
        changed{headline !== null && <bdi>: {headline}</bdi>}
      </span>
      <span aria-hidden="true" className="h-px min-w-6 grow bg-line-strong/50" />
      <span className="whitespace-nowrap tabular-nums">{formatSizeChange(sizes.older, sizes.newer)}</span>
      <Link to={path} className="inline-flex items-center gap-0.5 whitespace-nowrap">
        what changed <Icon name="forward" className="size-3.5" />
      </Link>
    </li>
  )
}
