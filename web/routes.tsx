import type { ApolloClient } from '@apollo/client'
import type { RouteObject } from 'react-router'
import { BuildPage, loadBuildPage } from './builds/BuildPage.tsx'
import { FailedBuildsPage, loadFailedBuildsPage } from './failed/FailedBuildsPage.tsx'
import { HomePage, loadHomePage } from './home/HomePage.tsx'
import { JobPage, loadJobPage } from './jobs/JobPage.tsx'
import { PlatformPage, loadPlatformPage } from './platforms/PlatformPage.tsx'
import { SearchPage, loadSearchPage } from './search/SearchPage.tsx'
import { ErrorPage } from './shell/ErrorPage.tsx'
import { Layout } from './shell/Layout.tsx'
import { NotFound } from './shell/NotFound.tsx'
import { Skeleton } from './ui/Skeleton.tsx'

/** The routes of builder-web, and the page of each. A page's query starts before the page is drawn. */
export function createRoutes(client: ApolloClient): RouteObject[] {
  const pages: RouteObject[] = [
    { path: '/', loader: () => loadHomePage(client, 'recent'), Component: HomePage },
    { path: '/all-builds', loader: () => loadHomePage(client, 'all'), Component: HomePage },
    {
      path: '/failed-builds',
      loader: (args) => loadFailedBuildsPage(client, args),
      Component: FailedBuildsPage,
    },
    { path: '/search', loader: (args) => loadSearchPage(client, args), Component: SearchPage },
    {
      path: '/platform/:platform',
      loader: (args) => loadPlatformPage(client, args),
      Component: PlatformPage,
    },
    { path: '/job/:job', loader: (args) => loadJobPage(client, args), Component: JobPage },
    { path: '/job/:job/failed', loader: (args) => loadJobPage(client, args, 'FAILED'), Component: JobPage },
    { path: '/job/:job/build/:uuid', loader: (args) => loadBuildPage(client, args), Component: BuildPage },
    { path: '*', element: <NotFound what="There is no page at this address." /> },
  ]
  return [
    {
      Component: Layout,
      ErrorBoundary: ErrorPage,
      children: pages.map((page) => ({ ...page, ErrorBoundary: ErrorPage, HydrateFallback: Skeleton })),
    },
  ]
}
