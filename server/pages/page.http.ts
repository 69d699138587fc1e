import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'

/** `frameAncestors`: which sites may show the page in a frame. */
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
  'Content-Type': 'text/html; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
  // Some of the same addresses answer with JSON (server/dropin).
  Vary: 'Accept',
}

/** Which of the application's pages show something, so that the others answer 404. */
type PageCheck = (deps: Pick<Deps, 'db'>, params: Record<string, string | undefined>) => Promise<boolean>

const always: PageCheck = async () => true

const jobExists: PageCheck = async ({ db }, { job }) =>
  (await db.job.findUnique({ where: { name: job ?? '' }, select: { id: true } })) !== null

const buildExists: PageCheck = async ({ db }, { job, uuid }) =>
  (await db.build.findFirst({
    where: { uuid: uuid?.toLowerCase() ?? '', job: { name: job ?? '' } },
    select: { id: true },
  })) !== null

const bothBuildsExist: PageCheck = async ({ db }, { left = '', right = '' }) => {
  const uuids = new Set([left, right].map((uuid) => uuid.toLowerCase()))
  return (await db.build.count({ where: { uuid: { in: [...uuids] } } })) === uuids.size
}

const platformExists: PageCheck = async ({ db }, { platform }) =>
  (await db.platform.findUnique({ where: { name: platform ?? '' }, select: { id: true } })) !== null

const pages: readonly (readonly [path: string, check: PageCheck])[] = [
  ['/', always],
  ['/all-builds', always],
  ['/failed-builds', always],
  ['/search', always],
  ['/job/:job', jobExists],
  ['/job/:job/failed', jobExists],
  ['/job/:job/build/:uuid', buildExists],
  ['/platform/:platform', platformExists],
  ['/compare/:left/:right', bothBuildsExist],
]

/**
 * Pictures on pages of their own, which any site may show in a frame: they act on nothing, so a click
 * that is stolen there does no harm.
 */
const embeddablePages: typeof pages = [['/job/:job/build/:uuid/vizdependencies', buildExists]]

/** Answers some of the requests for a page in another way; null: this one gets the page. */
export type PageAlternative = (path: string, request: IncomingMessage) => HttpHandler | null

/**
 * The application's pages: one HTML file for all, its scripts and styles by their hashed names.
 * `fallback` answers whatever no route knows.
 */
export function pageRoutes(
  deps: Pick<Deps, 'db'>,
  webDir: string,
  findAlternative: PageAlternative,
): { routes: HttpRoute[]; fallback: HttpHandler } {
  const indexFile = join(webDir, 'index.html')
  const html = existsSync(indexFile) ? readFileSync(indexFile) : null
  const files =
    html &&
    sirv(webDir, {
      etag: true,
      extensions: [],
      gzip: true,
      brotli: true,
      setHeaders: (response, path) => {
        response.setHeader('X-Content-Type-Options', 'nosniff')
        // However its name is spelled in the URL (%69ndex.html), the page runs under its policy only.
        if (path.endsWith('.html')) response.setHeader('Content-Security-Policy', strictPolicy)
        // Names under assets/ hold a hash of the content.
        const isHashed = path.startsWith('/assets/')
        response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })

  function sendPage(
    response: ServerResponse,
    isHead: boolean,
    status: number,
    policy: string = strictPolicy,
  ): void {
    if (!html) {
      sendText(response, 503, 'the web application is not built: run "npm run build"')
      return
    }
    response.writeHead(status, {
      ...pageHeaders,
      'Content-Security-Policy': policy,
      'Content-Length': html.length,
    })
    response.end(isHead ? undefined : html)
  }

  function toRoute([path, check]: (typeof pages)[number], policy: string): HttpRoute {
    return {
      methods: ['GET', 'HEAD'],
      path,
      async handle(context) {
        const { request, response, params } = context
        const alternative = findAlternative(path, request)
        if (alternative) return alternative(context)
        const status = (await check(deps, params)) ? 200 : 404
        sendPage(response, request.method === 'HEAD', status, policy)
      },
    }
  }

  return {
    routes: [
      ...pages.map((page) => toRoute(page, strictPolicy)),
      ...embeddablePages.map((page) => toRoute(page, embeddablePolicy)),
    ],
    fallback({ request, response }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        sendText(response, 404, `nothing here answers ${request.method} ${request.url}`)
        return
      }
      // index.html has an address of its own only as "/", where its headers are right.
      if (request.url?.split('?')[0] === '/index.html')
        return sendPage(response, request.method === 'HEAD', 404)
      const sendNotFound = () => sendPage(response, request.method === 'HEAD', 404)
      if (files) files(request, response, sendNotFound)
      else sendNotFound()
    },
  }
}
