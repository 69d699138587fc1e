import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import type { HomeNewsQuery as News } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { visibleName } from '../ui/visible-text.ts'

const HomeNewsQuery = graphql(`
  query HomeNews {
    runs(first: 3, filter: { states: [ASSIGNED, RUNNING, UPLOADED] }) {
      totalCount
      nodes {
        uuid
        jobName
        platformName
      }
    }
  }
`)

const everyMs = 5_000

/**
 * A line with what runs now; nothing where nothing does. It asks by itself, so that the page does not wait
 * for it, and without the hooks for queries, which the first load has no other use for.
 */
export default function HomeNews() {
  const client = useApolloClient()
  const [news, setNews] = useState<News>()
  useEffect(() => {
    const ask = () =>
      // On a private site nobody sees what runs who has not signed in.
      client
        .query({ query: HomeNewsQuery, fetchPolicy: 'network-only', errorPolicy: 'ignore' })
        .then(({ data }) => setNews(data))
        .catch(() => {})
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void ask()
    }, everyMs)
    void ask()
    return () => clearInterval(timer)
  }, [client])
  return news?.runs?.totalCount ? <Running runs={news.runs} /> : null
}

/** What runs now, as the way to its console. */
function Running({ runs: { nodes, totalCount } }: { runs: NonNullable<News['runs']> }) {
  const [first, ...others] = nodes
  if (!first) return null
  const nameOf = ({ jobName, platformName }: typeof first) =>
    `${visibleName(jobName)} on ${visibleName(platformName)}`
  return (
    <Link
      to={others.length === 0 ? paths.run(first.uuid) : paths.runningRuns}
      title={nodes.map(nameOf).join(', ')}
      className="inline-flex items-center gap-1.5"
    >
      <Icon name="forward" /> {totalCount} running now
    </Link>
  )
}
