import type { ApolloClient } from '@apollo/client'
import type { LazyRouteFunction, LoaderFunctionArgs, RouteObject } from 'react-router'
import { HomePage, loadHomePage, shouldReloadHome } from './home/HomePage.tsx'
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
  const home = { Component: HomePage, shouldRevalidate: shouldReloadHome }
  const pages: RouteObject[] = [
    { ...home, path: '/', loader: () => loadHomePage(client, 'recent') },
    { ...home, path: '/all-builds', loader: () => loadHomePage(client, 'all') },
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
      path: '/runs/:uuid',
      lazy: async () => {
        const { RunPage, loadRunPage, shouldReloadRun } = await import('./runs/RunPage.tsx')
        return {
          Component: RunPage,
          loader: (args) => loadRunPage(client, args),
          shouldRevalidate: shouldReloadRun,
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
      path: '/sha256/:sha256',
      lazy: async () => {
        const { HashPage, loadHashPage } = await import('./hash/HashPage.tsx')
        return { Component: HashPage, loader: (args) => loadHashPage(client, args) }
      },
    },
    {
      path: '/keys',
      lazy: async () => {
        const { KeysPage, loadKeysPage } = await import('./keys/KeysPage.tsx')
        return { Component: KeysPage, loader: () => loadKeysPage(client) }
      },
    },
    {
      path: '/log',
      lazy: async () => {
        const { LogPage, loadLogPage } = await import('./log/LogPage.tsx')
        return { Component: LogPage, loader: () => loadLogPage(client) }
      },
    },
    {
      path: '/packages',
      lazy: async () => {
        const { PackagesPage, loadPackagesPage } = await import('./packages/PackagesPage.tsx')
        return { Component: PackagesPage, loader: (args) => loadPackagesPage(client, args) }
      },
    },
    {
      path: '/package/:ecosystem/:name',
      lazy: async () => {
        const { PackagePage, loadPackagePage } = await import('./packages/PackagePage.tsx')
        return { Component: PackagePage, loader: (args) => loadPackagePage(client, args) }
      },
    },
    {
      path: '/advisories',
      lazy: async () => {
        const { AdvisoriesPage, loadAdvisoriesPage } = await import('./advisories/AdvisoriesPage.tsx')
        return { Component: AdvisoriesPage, loader: () => loadAdvisoriesPage(client) }
      },
    },
    {
      path: '/advisories/:id',
      lazy: async () => {
        const { AdvisoryPage, loadAdvisoryPage } = await import('./advisories/AdvisoryPage.tsx')
        return { Component: AdvisoryPage, loader: (args) => loadAdvisoryPage(client, args) }
      },
    },
    {
      path: '/schedule',
      lazy: async () => {
        const { SchedulePage, loadSchedulePage } = await import('./schedule/SchedulePage.tsx')
        return { Component: SchedulePage, loader: (args) => loadSchedulePage(client, args) }
      },
    },
    {
      path: '/schedule/:job',
      lazy: async () => {
        const { ScheduleOfJobPage, loadScheduleOfJobPage } = await import('./schedule/ScheduleOfJobPage.tsx')
        return { Component: ScheduleOfJobPage, loader: (args) => loadScheduleOfJobPage(client, args) }
      },
    },
    {
      path: '/template/:kind/:platform',
      lazy: async () => {
        const { TemplatePage, loadTemplatePage } = await import('./schedule/TemplatePage.tsx')
        return { Component: TemplatePage, loader: (args) => loadTemplatePage(client, args) }
      },
    },
    {
      path: '/runs',
      lazy: async () => {
        const { RunsPage, loadRunsPage } = await import('./runs/RunsPage.tsx')
        return { Component: RunsPage, loader: (args) => loadRunsPage(client, args) }
      },
    },
    {
      path: '/workers',
      lazy: async () => {
        const { WorkersPage, loadWorkersPage } = await import('./workers/WorkersPage.tsx')
        return { Component: WorkersPage, loader: (args) => loadWorkersPage(client, args) }
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
