/**
 * The files of pages that are no part of the first load, by their routes: the server names their scripts in the pages that it draws, so that
 * browsers ask for them at once. In a file of its own: no browser needs it.
 */
export const routeModules: Record<string, string> = {
  '/job/:job': 'jobs/JobPage.tsx',
  '/job/:job/failed': 'jobs/JobPage.tsx',
  '/job/:job/build/:uuid': 'builds/BuildPage.tsx',
  '/runs/:uuid': 'runs/RunPage.tsx',
  '/compare/:left/:right': 'diffs/ComparePage.tsx',
  '/failed-builds': 'failed/FailedBuildsPage.tsx',
  '/platforms': 'platforms/PlatformsPage.tsx',
  '/platform/:platform': 'platforms/PlatformPage.tsx',
  '/sha256/:sha256': 'hash/HashPage.tsx',
  '/keys': 'keys/KeysPage.tsx',
  '/log': 'log/LogPage.tsx',
  '/packages': 'packages/PackagesPage.tsx',
  '/package/:ecosystem/:name': 'packages/PackagePage.tsx',
  '/advisories': 'advisories/AdvisoriesPage.tsx',
  '/advisories/:id': 'advisories/AdvisoryPage.tsx',
  '/schedule': 'schedule/SchedulePage.tsx',
  '/schedule/:job': 'schedule/ScheduleOfJobPage.tsx',
  '/template/:kind/:platform': 'schedule/TemplatePage.tsx',
  '/runs': 'runs/RunsPage.tsx',
  '/workers': 'workers/WorkersPage.tsx',
  '/search': 'search/SearchPage.tsx',
}
