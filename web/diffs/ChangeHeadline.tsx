import { useQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'

const ChangeHeadlineQuery = graphql(`
  query ChangeHeadline($left: UUID!, $right: UUID!) {
    diff(left: $left, right: $right) {
      summary {
        headline
      }
    }
  }
`)

/**
 * What changed from one build to another, in half a line. It is asked for once the page is there, and its
 * room is kept: a comparison that nobody looked at before takes the server a while.
 */
export function ChangeHeadline({ left, right }: { left: string; right: string }) {
  const { data } = useQuery(ChangeHeadlineQuery, { variables: { left, right }, errorPolicy: 'all' })
  const headline = data?.diff?.summary.headline
  return (
    <span
      title={headline}
      className="min-w-0 text-quiet wide:truncate narrow:line-clamp-2 narrow:h-[2lh] narrow:basis-full"
    >
      <bdi>{headline}</bdi>
    </span>
  )
}
