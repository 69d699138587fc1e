import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense, useDeferredValue, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { present } from '../present.ts'
import { paths } from '../paths.ts'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { FeedLink } from '../ui/FeedLink.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { HomeFilters } from './HomeFilters.tsx'
import { JobGroups } from './JobGroups.tsx'
import { filterJobs, readView } from './overview.ts'
import { Problems } from './Problems.tsx'
import { StateStrip } from './StateStrip.tsx'
import { counted } from '../ui/counted.ts'

// Seen once in the life of a site.
const EmptySite = lazy(() => import('./EmptySite.tsx'))
const HomeNews = lazy(() => import('./HomeNews.tsx'))
const Legend = lazy(() => import('./Legend.tsx'))

const HomePageQuery = graphql(`
  query HomePage {
    site {
      jobCount
      platformCount
      buildCount
      newestUploadAt
    }
    overview {
      jobs {
        name
        section
        synopsis
        version
        sizeBytes
        sizes
        sha256
        downloadPath
        problems
        grade {
          kind
          words
          builders
        }
        solo5 {
          target
          netDevices
          blockDevices
        }
        platforms {
          name
          newestBuild
          newestBuildAt
          version
          problems
          sha256
          otherOutputPath
          failing {
            failedCount
            firstFailedAt
            lastGood
            newestBuild {
              id
              uuid
              ...BuildOutcome
            }
          }
        }
      }
      issues {
        id
        summary
        severity
        jobs
      }
    }
  }
`)

/** `recent`: jobs that nobody builds any more are shown only when they are asked for. */
export async function loadHomePage(client: ApolloClient, scope: 'recent' | 'all') {
  return { scope, query: await preload(client, HomePageQuery, {}) }
}

/** Filters need nothing from the server. */
export const shouldReloadHome = ({ currentUrl, nextUrl }: { currentUrl: URL; nextUrl: URL }) =>
  currentUrl.pathname !== nextUrl.pathname || currentUrl.search === nextUrl.search

export function HomePage() {
  const { scope, query } = useLoaded<typeof loadHomePage>()
  const { data } = useReadQuery(query)
  const [site, overview] = [present(data.site), present(data.overview)]
  const [search] = useSearchParams()
  // Typing stays quick: the list follows when there is time.
  const view = readView(useDeferredValue(search))
  if (site.jobCount === 0)
    return (
      <Suspense fallback={null}>
        <EmptySite />
      </Suspense>
    )
  const isAll = scope === 'all'
  const jobs = filterJobs(overview.jobs, view, isAll)
  const hidden = isAll ? 0 : overview.jobs.filter(({ problems }) => problems.includes('STALE')).length
  return (
    <>
      <PageTitle>{isAll ? 'All jobs · Builder Hub' : 'Builder Hub'}</PageTitle>
      <h1 className="sr-only">{isAll ? 'All jobs' : 'Jobs with a recent build'}</h1>
      <Introduction />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <StateStrip jobs={overview.jobs} chosen={view.state} isAll={isAll} />
        <Suspense fallback={null}>
          <HomeNews />
        </Suspense>
      </div>
      <Problems jobs={jobs} issues={overview.issues} />
      <HomeFilters jobs={overview.jobs} />
      {jobs.length === 0 && (
        <Empty>
          No job fits. <Link to={isAll ? paths.allBuilds : paths.home}>Show all of them</Link>
        </Empty>
      )}
      <JobGroups jobs={jobs} view={view} />
      <p className="mt-8 flex flex-wrap justify-between gap-x-6 gap-y-1 text-small text-quiet tabular-nums">
        <span>
          {counted(site.jobCount, 'job')} · {counted(site.platformCount, 'platform')} ·{' '}
          {counted(site.buildCount, 'build')}
          {site.newestUploadAt !== null && (
            <>
              {' · last upload '}
              <RelativeTime at={site.newestUploadAt} />
            </>
          )}
        </span>
        {hidden > 0 && <Link to={paths.allBuilds}>show jobs without a recent build ({hidden})</Link>}
        <ExportLinks list="jobs" of="jobs" />
        <FeedLink to={paths.feed()} of="all builds" />
      </p>
    </>
  )
}

/** What the site is, in a sentence; and more for who wants to know. */
function Introduction() {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <div className="mb-4">
      <p>
        Reproducible builds of unikernels and packages: what was built, who repeated it, what changed.{' '}
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          className="text-accent hover:underline"
        >
          What does that mean?
        </button>
      </p>
      {isOpen && (
        <Suspense fallback={null}>
          <Legend />
        </Suspense>
      )}
    </div>
  )
}
