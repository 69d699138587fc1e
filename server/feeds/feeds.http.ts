import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import fresh from 'fresh'
import { findNewestBuilds } from '../builds/told-builds.ts'
import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { feedPaths, jobPath, platformPath } from '../paths.ts'
import { siteUrl } from '../site/site-url.ts'
import { untilChange } from '../until-change.ts'
import { badge } from './badge.ts'
import { atomFeed, type FeedOf } from './feed.ts'

const buildsOfFeed = 50
const maxKept = 500

type Answer = { mediaType: string; body: Buffer; etag: string }

function toAnswer(mediaType: string, text: string): Answer {
  const body = Buffer.from(text)
  return { mediaType, body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
}

/** Feeds of builds for readers, and badges for other sites' pages. They are made once, until a build arrives. */
export function feedRoutes(deps: Pick<Deps, 'db' | 'events' | 'config'>): HttpRoute[] {
  const { db, config } = deps
  const keep = untilChange<Answer>(deps.events, maxKept)

  const feedOf = (request: IncomingMessage, of: FeedOf, filter: { job?: string; platform?: string }) => {
    const site = siteUrl(request, config)
    return keep(site + of.feedPath, async () =>
      toAnswer('application/atom+xml', atomFeed(site, of, await findNewestBuilds(db, filter, buildsOfFeed))),
    )
  }

  return [
    {
      methods: ['GET', 'HEAD'],
      path: '/feed.atom',
      async handle({ request, response }) {
        const of = { title: 'Builder Hub', path: '/', feedPath: feedPaths.site() }
        send(request, response, await feedOf(request, of, {}))
      },
    },
    {
      methods: ['GET', 'HEAD'],
      path: '/job/:job/feed.atom',
      async handle({ request, response, params: { job = '' } }) {
        if (!(await db.job.findUnique({ where: { name: job }, select: { id: true } }))) {
          sendText(response, 404, `no job ${JSON.stringify(job)}`)
          return
        }
        const of = { title: `${job} · Builder Hub`, path: jobPath(job), feedPath: feedPaths.job(job) }
        send(request, response, await feedOf(request, of, { job }))
      },
    },
    {
      methods: ['GET', 'HEAD'],
      path: '/platform/:platform/feed.atom',
      async handle({ request, response, params: { platform = '' } }) {
        if (!(await db.platform.findUnique({ where: { name: platform }, select: { id: true } }))) {
          sendText(response, 404, `no platform ${JSON.stringify(platform)}`)
          return
        }
        const [path, feedPath] = [platformPath(platform), feedPaths.platform(platform)]
        const of = { title: `${platform} · Builder Hub`, path, feedPath }
        send(request, response, await feedOf(request, of, { platform }))
      },
    },
    {
      methods: ['GET', 'HEAD'],
      path: '/job/:job/badge.svg',
      async handle({ request, response, params: { job = '' }, query }) {
        const platform = query.get('platform')
        if (!(await db.job.findUnique({ where: { name: job }, select: { id: true } }))) {
          sendText(response, 404, `no job ${JSON.stringify(job)}`)
          return
        }
        const answer = await keep(JSON.stringify(['badge', job, platform]), async () => {
          const [newest] = await findNewestBuilds(db, { job, platform }, 1)
          return toAnswer('image/svg+xml', badge(platform ?? 'build', newest ?? null))
        })
        send(request, response, answer, 'public, max-age=300')
      },
    },
  ]
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { mediaType, body, etag }: Answer,
  cacheControl = 'no-cache',
): void {
  const headers = {
    ETag: etag,
    'Cache-Control': cacheControl,
    'X-Content-Type-Options': 'nosniff',
    // Pages of other sites show them, in pictures and by their scripts.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
  if (fresh({ 'if-none-match': request.headers['if-none-match'] }, { etag })) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': `${mediaType}; charset=utf-8`,
    'Content-Length': body.length,
    // An SVG that is opened by itself is a page.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
