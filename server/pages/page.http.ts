import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { readAddressFilter, type AddressFilter } from '../builds/address-filter.ts'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade, type MadeAnswer } from '../made-answer.ts'
import { siteUrl } from '../site-url.ts'
import { carriesCredentials, clientAddress } from '../users/credentials.ts'
import { untilChange } from '../until-change.ts'
import {
  findAllJobsPage,
  findBuildPage,
  findComparePage,
  findFailedBuildsPage,
  findHomePage,
  findJobPage,
  findPicturePage,
  findPlatformPage,
  findPlatformsPage,
  type PageFinder,
} from './find-page.ts'
import { findAdvisoriesPage, findAdvisoryPage } from './find-advisory-pages.ts'
import { findHashPage } from './find-hash-page.ts'
import { findKeysPage } from './find-keys-page.ts'
import { findLogPage } from './find-log-page.ts'
import {
  findRunsPage,
  findScheduleOfJobPage,
  findSchedulePage,
  findTemplatePage,
  findWorkersPage,
} from './find-schedule-pages.ts'
import { findPackagePage, findPackagesPage } from './find-package-pages.ts'
import { findRunPage } from './find-run-page.ts'
import { findAccountPage, findAdminPage, findLoginPage } from './find-user-pages.ts'
import { findSearchPage } from './find-search-page.ts'
import { fillPage } from './page-facts.ts'
import type { DrawPage } from './render-page.ts'

/** `frameAncestors`: the sites that may show the page in a frame. */
function contentPolicy(frameAncestors: `'none'` | '*'): string {
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors ${frameAncestors}`,
  ].join('; ')
}

const strictPolicy = contentPolicy(`'none'`)
const embeddablePolicy = contentPolicy('*')

const pageHeaders = {
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

const pages: readonly (readonly [path: string, find: PageFinder])[] = [
  ['/', findHomePage],
  ['/all-builds', findAllJobsPage],
  ['/failed-builds', findFailedBuildsPage],
  ['/search', findSearchPage],
  ['/job/:job', findJobPage()],
  ['/job/:job/failed', findJobPage('FAILED')],
  ['/job/:job/build/:uuid', findBuildPage],
  ['/runs/:uuid', findRunPage],
  ['/login', findLoginPage],
  ['/account', findAccountPage],
  ['/platforms', findPlatformsPage],
  ['/schedule', findSchedulePage],
  ['/schedule/:job', findScheduleOfJobPage],
  ['/template/:kind/:platform', findTemplatePage],
  ['/runs', findRunsPage],
  ['/workers', findWorkersPage],
  ['/keys', findKeysPage],
  ['/log', findLogPage],
  ['/packages', findPackagesPage],
  ['/package/:ecosystem/:name', findPackagePage],
  ['/advisories', findAdvisoriesPage],
  ['/advisories/:id', findAdvisoryPage],
  ['/sha256/:sha256', findHashPage],
  ['/platform/:platform', findPlatformPage],
  ['/compare/:left/:right', findComparePage],
  ['/admin', findAdminPage('Administration')],
  ['/admin/users', findAdminPage('Users')],
  ['/admin/users/:user', findAdminPage('User')],
  ['/admin/tokens', findAdminPage('Tokens')],
  ['/admin/sessions', findAdminPage('Sessions')],
  ['/admin/audit', findAdminPage('Audit log')],
  ['/admin/jobs', findAdminPage('Jobs')],
  ['/admin/hooks', findAdminPage('Hooks')],
  ['/admin/hooks/:run', findAdminPage('Run of a hook')],
  ['/admin/tasks', findAdminPage('Tasks')],
  ['/admin/webhooks', findAdminPage('Webhooks')],
  ['/admin/webhooks/:delivery', findAdminPage('Delivery')],
  ['/admin/retention', findAdminPage('Retention')],
  ['/admin/repositories', findAdminPage('Package repositories')],
  ['/admin/configuration', findAdminPage('Configuration')],
]

/**
 * Pages with only a picture, which any site may show in a frame. They change nothing, so clickjacking does no harm.
 */
const embeddablePages: typeof pages = [
  ['/job/:job/build/:uuid/vizdependencies', findPicturePage('Dependencies', '/vizdependencies')],
  ['/job/:job/build/:uuid/viztreemap', findPicturePage('Binary size', '/viztreemap')],
]

/** Maximum number of cached pages. Each has some dozen kilobytes, and some hundred if it is drawn. */
const maxKept = 200

/** How long a drawn page is kept: it says how long ago something was, and shows what is under way. */
const drawnMs = 5_000

/** Answers a request for a page in another format. Null if the request gets the page. */
export type PageAlternative = (path: string, request: IncomingMessage) => HttpHandler | null

/**
 * Serves the pages of the web application: one HTML file with the head of the page, and its facts for clients
 * without JavaScript; and scripts and styles by their hashed names. `fallback` answers requests without a route.
 */
export function pageRoutes(
  deps: Pick<Deps, 'db' | 'blobs' | 'workers' | 'changes' | 'config' | 'log'>,
  webDir: string,
  findAlternative: PageAlternative,
  draw: DrawPage | null,
): { routes: HttpRoute[]; fallback: HttpHandler } {
  const indexFile = join(webDir, 'index.html')
  const html = existsSync(indexFile) ? readFileSync(indexFile, 'utf8') : null
  const notFound = makeAnswer(
    'text/html',
    html?.replace('<!--page-facts-->', 'There is nothing at this address.') ?? '',
  )
  const keep = untilChange<{ page: MadeAnswer | null; status: number; isWhole: boolean }>(
    deps.changes,
    maxKept,
    ({ isWhole }) => isWhole,
    draw ? drawnMs : 0,
  )
  const files =
    html !== null &&
    sirv(webDir, {
      etag: true,
      extensions: [],
      gzip: true,
      brotli: true,
      setHeaders: (response, path) => {
        response.setHeader('X-Content-Type-Options', 'nosniff')
        // The content security policy applies to every spelling of the name in the URL (%69ndex.html).
        if (path.endsWith('.html')) response.setHeader('Content-Security-Policy', strictPolicy)
        // Names under assets/ contain a hash of the content.
        const isHashed = path.startsWith('/assets/')
        response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })

  async function sendPage(
    context: { request: IncomingMessage; response: ServerResponse },
    page: MadeAnswer | null,
    policy: string = strictPolicy,
    status = 404,
  ): Promise<void> {
    if (html === null) {
      sendText(context.response, 503, 'the web application is not built: run "npm run build"')
      return
    }
    const headers = { ...pageHeaders, 'Content-Security-Policy': policy }
    // Some of the same addresses answer with JSON (server/dropin).
    await sendMade(context, page ?? notFound, headers, { status, vary: 'Accept' })
  }

  function toRoute(
    [path, find]: (typeof pages)[number],
    policy: string,
    drawPage: DrawPage | null,
  ): HttpRoute {
    return {
      methods: ['GET', 'HEAD'],
      path,
      needs: path === '/login' ? 'none' : 'read',
      async handle(context) {
        const { request, response, params, query } = context
        const alternative = findAlternative(path, request)
        if (alternative) return alternative(context)
        const site = siteUrl(request, deps.config)
        // Values that mean nothing are not looked at, as in the web application.
        const { filter } = readAddressFilter(query, filtersOf[path] ?? [])
        const text = path === '/search' ? (query.get('q') ?? '').trim() : ''
        const address = request.url ?? path
        const [, search = ''] = address.split(/\?(.*)/s)
        const isDrawn = drawPage !== null && isVisitor(request)
        const { page, status } = await keep(request, JSON.stringify([site, address, isDrawn]), async () => {
          const client = clientAddress(request, deps.config.trustedProxies)
          const facts = await find(deps, params, { address: client, filter, text })
          // Not cached: missing pages have any number of addresses, and would displace real pages.
          if (!facts) return { page: null, status: 404, isWhole: false }
          const first = isDrawn ? await drawPage(request, response, site + address) : null
          return {
            status: facts.isGone === true ? 410 : 200,
            page: makeAnswer('text/html', fillPage(html ?? '', site, facts, first)),
            // Anybody can ask for any address: only pages without a query are kept.
            isWhole: !facts.isPartial && search === '',
          }
        })
        await sendPage(context, page, policy, status)
      },
    }
  }

  return {
    routes: [
      ...pages.map((page) => toRoute(page, strictPolicy, draw)),
      // A picture is drawn to the size of its window.
      ...embeddablePages.map((page) => toRoute(page, embeddablePolicy, null)),
    ],
    fallback({ request, response }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        sendText(response, 404, `nothing here answers ${request.method} ${request.url}`)
        return
      }
      // index.html is served only as "/", with the right headers.
      const sendNotFound = () => sendPage({ request, response }, null)
      if (!files || request.url?.split('?')[0] === '/index.html') return sendNotFound()
      // sirv knows the files that were there at the start. One that is gone since, as while a release is put in
      // its place, must end this request alone.
      response.once('pipe', (file) => file.once('error', () => response.destroy()))
      return new Promise((resolve, reject) => {
        response.once('close', resolve)
        files(request, response, () => void sendNotFound().catch(reject))
      })
    },
  }
}

/** Whether a request is of nobody in particular: pages of users are drawn by the application alone. */
const isVisitor = ({ headers }: IncomingMessage): boolean =>
  !carriesCredentials(headers) && !/(?:^|; )hub-signed-in=1(?:;|$)/.test(headers.cookie ?? '')

/** The filters of the lists of builds that pages show. Other pages do not look at their query. */
const filtersOf: Record<string, readonly (keyof AddressFilter)[]> = {
  '/failed-builds': ['platform', 'since', 'until'],
  '/job/:job': ['platform', 'status', 'verdict'],
  '/job/:job/failed': ['platform', 'verdict'],
  '/platform/:platform': ['status', 'verdict', 'since', 'until'],
}
