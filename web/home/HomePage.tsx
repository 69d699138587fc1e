import type { ApolloClient } from '@apollo/client'
import { useQueryRefHandlers, useReadQuery } from '@apollo/client/react'
import { lazy, startTransition, Suspense, useEffect } from 'react'
import { Link } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { present } from '../present.ts'
import { paths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { JobSection } from './JobSection.tsx'
import { groupBySection } from './sections.ts'
import { SiteSummary } from './SiteSummary.tsx'

// Seen once in the life of a site.
const EmptySite = lazy(() => import('./EmptySite.tsx'))

const HomePageQuery = graphql(`
  query HomePage($filter: JobFilter, $after: String) {
    site {
      jobCount
      recentJobCount
      expiredJobsDays
      ...SiteSummary
    }
    jobs(first: 75, after: $after, filter: $filter) {
      edges {
        node {
          id
          section
          ...JobEntry
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** `recent`: only jobs with a success that is not older than the site's limit. */
export async function loadHomePage(client: ApolloClient, scope: 'recent' | 'all') {
  const filter = scope === 'recent' ? { recent: true } : null
  return { scope, query: await preload(client, HomePageQuery, { filter }) }
}

export function HomePage() {
  const { scope, query } = useLoaded<typeof loadHomePage>()
  // Before useReadQuery: the handlers put the promise of fetchMore on the reference, which is read after.
  const { fetchMore } = useQueryRefHandlers(query)
  const { data } = useReadQuery(query)
  const [site, jobs] = [present(data.site), present(data.jobs)]
  const { hasNextPage, endCursor } = jobs.pageInfo

  useEffect(() => {
    if (hasNextPage) startTransition(() => void fetchMore({ variables: { after: endCursor } }))
  }, [hasNextPage, endCursor, fetchMore])

  if (site.jobCount === 0)
    return (
      <Suspense fallback={null}>
        <EmptySite />
      </Suspense>
    )
  const hidden = site.jobCount - site.recentJobCount
  return (
    <>
      <PageTitle>{scope === 'all' ? 'All jobs · Builder Hub' : 'Builder Hub'}</PageTitle>
      <h1 className="sr-only">{scope === 'all' ? 'All jobs' : 'Jobs with a recent build'}</h1>
      <SiteSummary site={site} />
      {jobs.edges.length === 0 && (
        <Empty>No job has succeeded in the last {site.expiredJobsDays} days.</Empty>
      )}
      {groupBySection(jobs.edges.map(({ node }) => node)).map(([section, members]) => (
        <JobSection key={section} name={section} jobs={members} />
      ))}
      {scope === 'recent' && hidden > 0 && (
        <p className="mt-6 text-right">
          <Link to={paths.allBuilds}>show jobs without a recent build ({hidden})</Link>
        </p>
      )}
    </>
  )
}
