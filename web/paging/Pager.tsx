import { Link, useLocation, useSearchParams } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Icon } from '../ui/Icon.tsx'
import { readPageNumber, withParameters } from './page.ts'

const PagerFragment = graphql(`
  fragment Pager on PageInfo {
    hasNextPage
    hasPreviousPage
    startCursor
    endCursor
  }
`)

/** Links to the pages around the shown one. Each page is an address, so back and forward work. */
export function Pager(props: {
  pageInfo: FragmentType<typeof PagerFragment>
  label: string
  backward?: string
  forward?: string
  /** In front of the parameters' names, for the second list of a page. */
  prefix?: string
  /** Items of the list, and of a page: with them the pages are counted. */
  of?: { count: number; size: number }
}) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = readFragment(PagerFragment, props.pageInfo)
  const { backward = 'Newer', forward = 'Older', prefix = '' } = props
  const { hash } = useLocation()
  const [search] = useSearchParams()
  // A page reached through a cursor has another beside it, whatever the server knows about that side.
  const newer = hasPreviousPage || search.has(`${prefix}after`)
  const older = hasNextPage || search.has(`${prefix}before`)
  if (!newer && !older) return null
  const at = readPageNumber(search, prefix)
  const to = (changes: { after: string | null; before: string | null }, page: number | null) => ({
    search: withParameters(search, {
      [`${prefix}after`]: changes.after,
      [`${prefix}before`]: changes.before,
      [`${prefix}page`]: page === null ? null : String(page),
    }),
    hash: hash.startsWith('#L') ? '' : hash,
  })
  return (
    <nav aria-label={props.label} className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
      {newer && (
        <Link className="control" to={to({ before: startCursor ?? null, after: null }, at && at - 1)}>
          <Icon name="back" /> {backward}
        </Link>
      )}
      {older && (
        <Link className="control" to={to({ after: endCursor ?? null, before: null }, at && at + 1)}>
          {forward} <Icon name="forward" />
        </Link>
      )}
      {props.of && <PageNumber at={at} {...props.of} />}
      {newer && (
        <Link className="control ml-auto" to={to({ after: null, before: null }, null)}>
          First page
        </Link>
      )}
    </nav>
  )
}

/** `Page 2 of 32: 51–100 of 1,600`; where a cursor of somebody else leads, nobody knows which page it is. */
function PageNumber({ at, count, size }: { at: number | null; count: number; size: number }) {
  const pages = Math.max(1, Math.ceil(count / size))
  const told = (number: number) => number.toLocaleString('en-US')
  if (at === null || at > pages)
    return <span className="px-1 text-small text-quiet tabular-nums">{told(pages)} pages</span>
  const [first, last] = [(at - 1) * size + 1, Math.min(at * size, count)]
  return (
    <span className="px-1 text-small text-quiet tabular-nums">
      Page {told(at)} of {told(pages)}: {told(first)}–{told(last)} of {told(count)}
    </span>
  )
}
