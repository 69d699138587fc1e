import type { ApolloClient } from '@apollo/client'
import type { LazyRouteFunction, LoaderFunctionArgs, RouteObject } from 'react-router'
import { HomePage, loadHomePage } from './home/HomePage.tsx'
import { type AdminPath, adminRoutes } from './paths.ts'
import { ErrorPage } from './shell/ErrorPage.tsx'
import { Layout } from './shell/Layout.tsx'
import { NotFound } from './shell/NotFound.tsx'
import { Skeleton } from './ui/Skeleton.tsx'
import { VizLayout } from './viz/VizLayout.tsx'

/** The routes of builder-web, and the page of each. Only the home page is part of the first load. */
export function createRoutes(client: ApolloClient): RouteObject[] {
  const job =
    (only?: 'FAILED'): LazyRouteFunction<RouteObject> =>
    async () => {
      const { JobPage, loadJobPage, shouldReloadJob } = await import('./jobs/JobPage.tsx')
      return {
        Component: JobPage,
        loader: (args) => loadJobPage(client, args, only),
        shouldRevalidate: shouldReloadJob,
      }
    }
  const viz =
    (
      loadPage: () => Promise<Pick<RouteObject, 'Component' | 'shouldRevalidate'>>,
    ): LazyRouteFunction<RouteObject> =>
    async () => {
      const [{ loadVizPage }, page] = await Promise.all([import('./viz/VizPage.tsx'), loadPage()])
      return { ...page, loader: (args) => loadVizPage(client, args) }
    }
  const admin = (path: AdminPath) => async () => {
    const { adminPages } = await import('./admin/pages.ts')
    const { Component, load } = adminPages[path]
    return { Component, loader: (args: LoaderFunctionArgs) => load(client, args) }
  }
  const pages: RouteObject[] = [
    { path: '/', Component: HomePage, loader: () => loadHomePage(client, 'recent') },
    { path: '/all-builds', Component: HomePage, loader: () => loadHomePage(client, 'all') },
    { path: '/job/:job', lazy: job() },
    { path: '/job/:job/failed', lazy: job('FAILED') },
    {
      path: '/job/:job/build/:uuid',
      lazy: async () => {
        const { BuildPage, loadBuildPage, shouldReloadBuild } = await import('./builds/BuildPage.tsx')
        return {
          Component: BuildPage,
          loader: (args) => loadBuildPage(client, args),
          shouldRevalidate: shouldReloadBuild,
        }
      },
    },
    {
      path: '/compare/:left/:right',
      lazy: async () => {
        const { ComparePage, loadComparePage, shouldReloadComparison } =
          await import('./diffs/ComparePage.tsx')
        return {
          Component: ComparePage,
          loader: (args) => loadComparePage(client, args),
          shouldRevalidate: shouldReloadComparison,
        }
      },
    },
    {
      path: '/failed-builds',
      lazy: async () => {
        const { FailedBuildsPage, loadFailedBuildsPage } = await import('./failed/FailedBuildsPage.tsx')
        return { Component: FailedBuildsPage, loader: (args) => loadFailedBuildsPage(client, args) }
      },
    },
    {
      path: '/platforms',
      lazy: async () => {
        const { PlatformsPage, loadPlatformsPage } = await import('./platforms/PlatformsPage.tsx')
        return { Component: PlatformsPage, loader: (args) => loadPlatformsPage(client, args) }
      },
    },
    {
      path: '/platform/:platform',
      lazy: async () => {
        const { PlatformPage, loadPlatformPage } = await import('./platforms/PlatformPage.tsx')
        return { Component: PlatformPage, loader: (args) => loadPlatformPage(client, args) }
      },
    },
    {
      path: '/search',
      lazy: async () => {
        const { SearchPage, loadSearchPage } = await import('./search/SearchPage.tsx')
        return { Component: SearchPage, loader: (args) => loadSearchPage(client, args) }
      },
    },
    ...adminRoutes.map((path) => ({ path, lazy: admin(path) })),
    {
      path: '/login',
      lazy: async () => {
        const { LoginPage, loadLoginPage } = await import('./account/LoginPage.tsx')
        return { Component: LoginPage, loader: () => loadLoginPage(client) }
      },
    },
    {
      path: '/account',
      lazy: async () => {
        const { AccountPage, loadAccountPage } = await import('./account/AccountPage.tsx')
        return { Component: AccountPage, loader: () => loadAccountPage(client) }
      },
    },
    { path: '*', element: <NotFound what="There is no page at this address." /> },
  ]
  // Pictures on pages of their own, without what surrounds the other pages.
  const vizPages: RouteObject[] = [
    {
      path: '/job/:job/build/:uuid/vizdependencies',
      lazy: viz(async () => {
        const { VizDependenciesPage, shouldReloadDependencies } =
          await import('./dependencies/VizDependenciesPage.tsx')
        return { Component: VizDependenciesPage, shouldRevalidate: shouldReloadDependencies }
      }),
    },
    {
      path: '/job/:job/build/:uuid/viztreemap',
      lazy: viz(async () => {
        const { VizTreemapPage, shouldReloadTreemap } = await import('./binary-size/VizTreemapPage.tsx')
        return { Component: VizTreemapPage, shouldRevalidate: shouldReloadTreemap }
      }),
    },
  ]
  return [
    { Component: Layout, ErrorBoundary: ErrorPage, children: pages.map(withFallbacks) },
    { Component: VizLayout, ErrorBoundary: ErrorPage, children: vizPages.map(withFallbacks) },
  ]
}

function withFallbacks(page: RouteObject): RouteObject {
  return { ...page, ErrorBoundary: ErrorPage, HydrateFallback: Skeleton }
}
