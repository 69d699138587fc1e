const segment = encodeURIComponent

function build(job: string, uuid: string): string {
  return `/job/${segment(job)}/build/${segment(uuid)}`
}

/** What a feed leaves out, as the addresses of pages name it: other platforms, results, verdicts, days. */
export type FeedFilter = {
  platform?: string | null
  status?: 'succeeded' | 'failed' | null
  verdict?: string | null
  since?: string | null
  until?: string | null
}

function feedQuery({ platform, status, verdict, since, until }: FeedFilter = {}): string {
  return queryOf({ platform, status, verdict, since, until })
}

/** Lists that the site exports as files (docs/api.md), and what each of them may leave out. */
export type ExportedList = 'builds' | 'jobs' | 'platforms' | 'outputs' | 'files' | 'advisories' | 'runs'
export type ExportedFilter = FeedFilter & { job?: string | null; build?: string | null }

function queryOf(parameters: Record<string, string | null | undefined>): string {
  const search = Object.entries(parameters).flatMap(([name, value]) =>
    value ? [`${name}=${segment(value)}`] : [],
  )
  return search.length === 0 ? '' : `?${search.join('&')}`
}

/**
 * Every address that the pages link to: those of builder-web (docs/spec/drop-in.md), and what it has none for, such
 * as `/platforms`. Arguments are unencoded.
 */
export const paths = {
  home: '/',
  allBuilds: '/all-builds',
  /** GraphiQL, in a browser. */
  api: '/graphql',
  failedBuilds: '/failed-builds',
  platforms: '/platforms',
  keys: '/keys',
  log: '/log',
  packages: '/packages',
  package: (ecosystem: string, name: string) => `/package/${segment(ecosystem)}/${segment(name)}`,
  advisories: '/advisories',
  advisory: (id: string) => `/advisories/${segment(id)}`,
  /** The page of a content, by its SHA-256. */
  hash: (sha256: string) => `/sha256/${sha256}`,
  /** `next`: where to go then; default: the home page. */
  login: (next = '/') => (next === '/' ? '/login' : `/login?next=${segment(next)}`),
  account: '/account',
  schedule: '/schedule',
  /** The schedule of a job, with its history. */
  scheduleOf: (job: string) => `/schedule/${segment(job)}`,
  template: (kind: 'BUILD' | 'REBUILD', platform: string) =>
    `/template/${kind.toLowerCase()}/${segment(platform)}`,
  runs: '/runs',
  runningRuns: `/runs?state=${segment('under way')}`,
  runsOfJob: (job: string) => `/runs?job=${segment(job)}`,
  runsOfWorker: (worker: string) => `/runs?worker=${segment(worker)}`,
  runsOfPlatform: (platform: string) => `/runs?platform=${segment(platform)}`,
  /** `state`: as the filter of the page names it. */
  runsOn: (platform: string, state: string) => `/runs?platform=${segment(platform)}&state=${segment(state)}`,
  workers: '/workers',
  search: (query: string) => `/search?q=${segment(query)}`,
  platform: (name: string) => `/platform/${segment(name)}`,
  job: (name: string) => `/job/${segment(name)}`,
  badge: (job: string) => `/job/${segment(job)}/badge.svg`,
  exported: (list: ExportedList, format: 'csv' | 'jsonl', filter: ExportedFilter = {}) =>
    `/export/${list}.${format}${queryOf(filter)}`,
  feed: (filter?: FeedFilter) => `/feed.atom${feedQuery(filter)}`,
  jobFeed: (job: string, filter?: FeedFilter) => `/job/${segment(job)}/feed.atom${feedQuery(filter)}`,
  platformFeed: (name: string, filter?: Omit<FeedFilter, 'platform'>) =>
    `/platform/${segment(name)}/feed.atom${feedQuery(filter)}`,
  build,
  /** A run, by its UUID or that of a try. */
  run: (uuid: string) => `/runs/${segment(uuid)}`,
  /** The picture of a build's dependencies, on a page of its own. */
  dependencies: (job: string, uuid: string) => `${build(job, uuid)}/vizdependencies`,
  /** The picture of what a build's binary is made of, on a page of its own. */
  treemap: (job: string, uuid: string) => `${build(job, uuid)}/viztreemap`,
  /** The comparison of two builds; `left` is the older one. */
  compare: (left: string, right: string) => `/compare/${segment(left)}/${segment(right)}`,
  console: (job: string, uuid: string) => `${build(job, uuid)}/console`,
  consoleEntries: (job: string, uuid: string) => `${build(job, uuid)}/console-entries`,
  mainBinary: (job: string, uuid: string) => `${build(job, uuid)}/main-binary`,
  script: (job: string, uuid: string) => `${build(job, uuid)}/script`,
  /** The artifact at `path`, whose slashes stay slashes. */
  artifact: (job: string, uuid: string, path: string) =>
    `${build(job, uuid)}/f/${path.split('/').map(segment).join('/')}`,
}

/** The pages of the administration, by their routes. */
export const adminRoutes = [
  '/admin',
  '/admin/users',
  '/admin/users/:user',
  '/admin/tokens',
  '/admin/sessions',
  '/admin/audit',
  '/admin/jobs',
  '/admin/hooks',
  '/admin/hooks/:run',
  '/admin/tasks',
  '/admin/webhooks',
  '/admin/webhooks/:delivery',
  '/admin/retention',
  '/admin/repositories',
  '/admin/configuration',
] as const

export type AdminPath = (typeof adminRoutes)[number]

/** Their addresses. */
export const adminPaths = {
  overview: '/admin',
  users: '/admin/users',
  user: (name: string) => `/admin/users/${segment(name)}`,
  tokens: '/admin/tokens',
  sessions: '/admin/sessions',
  sessionsOf: (user: string) => `/admin/sessions?user=${segment(user)}`,
  audit: '/admin/audit',
  jobs: '/admin/jobs',
  jobsNamed: (name: string) => `/admin/jobs?name=${segment(name)}`,
  hooks: '/admin/hooks',
  hookRunsOf: (hook: string) => `/admin/hooks?hook=${segment(hook)}`,
  hookRunsOfBuild: (uuid: string) => `/admin/hooks?build=${segment(uuid)}`,
  hookRun: (id: string) => `/admin/hooks/${segment(id)}`,
  tasks: '/admin/tasks',
  tasksOf: (kind: string) => `/admin/tasks?kind=${segment(kind)}`,
  webhooks: '/admin/webhooks',
  webhookDelivery: (id: string) => `/admin/webhooks/${segment(id)}`,
  retention: '/admin/retention',
  repositories: '/admin/repositories',
  configuration: '/admin/configuration',
} as const
