import { Link, useLocation, useSearchParams } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Icon } from '../ui/Icon.tsx'
import { withParameters } from './page.ts'

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
}) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = readFragment(PagerFragment, props.pageInfo)
  const { backward = 'Newer', forward = 'Older', prefix = '' } = props
  const { hash } = useLocation()
  const [search] = useSearchParams()
  // A page reached through a cursor has another beside it, whatever the server knows about that side.
  const newer = hasPreviousPage || search.has(`${prefix}after`)
  const older = hasNextPage || search.has(`${prefix}before`)
  if (!newer && !older) return null
  const to = (changes: { after: string | null; before: string | null }) => ({
    search: withParameters(search, {
      [`${prefix}after`]: changes.after,
      [`${prefix}before`]: changes.before,
    }),
    hash: hash.startsWith('#L') ? '' : hash,
  })
  return (
    <nav aria-label={props.label} className="flex flex-wrap gap-2 border-t border-line pt-3">
      {newer && (
        <Link className="control" to={to({ before: startCursor ?? null, after: null })}>
          <Icon name="back" /> {backward}
        </Link>
      )}
      {older && (
        <Link className="control" to={to({ after: endCursor ?? null, before: null })}>
          {forward} <Icon name="forward" />
        </Link>
      )}
      {newer && (
        <Link className="control ml-auto" to={to({ after: null, before: null })}>
          First page
        </Link>
      )}
    </nav>
  )
}
