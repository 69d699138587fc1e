import { explainFailure } from '../analyses/failure/explain-failure.ts'
import { failureSummary } from '../analyses/stored-results.ts'
import { loadAnalysisOf, loadSummary, stateOf } from '../analyses/load-analyses.ts'
import { readAddressFilter, toBuildFilter, type AddressFilter } from '../builds/address-filter.ts'
import { findNewestBuilds, type DescribedBuild } from '../builds/describe-build.ts'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade, type MadeAnswer } from '../made-answer.ts'
import { feedPaths, jobPath, platformPath } from '../paths.ts'
import { siteUrl } from '../site-url.ts'
import { untilChange } from '../until-change.ts'
import { isVolatile } from '../volatile.ts'
import { badge } from './badge.ts'
import { atomFeed, type FeedBuild, type FeedOf } from './feed.ts'

const filterOfPlatform = ['status', 'verdict', 'since', 'until'] as const
const filterNames = ['platform', ...filterOfPlatform] as const
const buildsOfFeed = 50
const maxKept = 500
/** `hub analyse` may give an analysis that failed a result: no change that visitors see tells of that. */
const failedReasonsMs = 10_000

type FeedDeps = Pick<Deps, 'analyses' | 'db' | 'changes' | 'config'>
type Context = Parameters<HttpHandler>[0]

/**
 * Of the failures in a feed. `passing`: some are not analysed yet. `failed`: the analyses of some have failed, which may be
 * mended.
 */
type Reasons = 'whole' | 'failed' | 'passing'
type KeptFeed = { feed: MadeAnswer; reasons: Reasons }

/** The query string of a feed has an invalid filter. The message says why. */
class BadFilterError extends Error {
  override readonly name = 'BadFilterError'
}

/** Feeds of builds for readers, and badges for other sites' pages. They are cached until a build arrives. */
export function feedRoutes(deps: FeedDeps): HttpRoute[] {
  const { db, config } = deps
  const keepFeed = untilChange<KeptFeed>(deps.changes, maxKept, ({ reasons }) => reasons === 'whole')
  const keepBriefly = untilChange<KeptFeed>(
    deps.changes,
    maxKept,
    ({ reasons }) => reasons === 'failed',
    failedReasonsMs,
  )
  const keepBadge = untilChange<MadeAnswer>(deps.changes, maxKept)
  const findJob = (name: string) => db.job.findUnique({ where: { name }, select: { id: true } })
  const findPlatform = (name: string) => db.platform.findUnique({ where: { name }, select: { id: true } })

  /** The filter of a feed's address. Throws BadFilterError. */
  async function readFilter(query: URLSearchParams, names: readonly (keyof AddressFilter)[]) {
    const { filter, faults } = readAddressFilter(query, names)
    const { platform } = filter
    if (platform !== undefined && !(await findPlatform(platform)))
      faults.push(`no platform ${JSON.stringify(platform.slice(0, 255))}`)
    if (faults.length > 0) throw new BadFilterError(faults.join('; '))
    return filter
  }

  async function sendFeed(
    context: Context,
    of: FeedOf,
    filter: AddressFilter & { job?: string },
  ): Promise<void> {
    const site = siteUrl(context.request, config)
    const key = site + of.feedPath
    const make = async () => {
      const { builds, reasons } = await findFeedBuilds(deps, filter)
      return { feed: makeAnswer('application/atom+xml', atomFeed(site, of, builds)), reasons }
    }
    const { feed } = await keepFeed(context.request, key, () => keepBriefly(context.request, key, make))
    await send(context, feed)
  }

  const routes: Record<string, HttpHandler> = {
    async '/feed.atom'(context) {
      const filter = await readFilter(context.query, filterNames)
      const title = titleOf('Builder Hub', filter)
      const path = filter.status === 'failed' ? '/failed-builds' : '/'
      await sendFeed(context, { title, path, feedPath: feedPaths.site(filter) }, filter)
    },

    async '/job/:job/feed.atom'(context) {
      const { job = '' } = context.params
      if (!(await findJob(job))) {
        sendText(context.response, 404, `no job ${JSON.stringify(job)}`)
        return
      }
      const filter = await readFilter(context.query, filterNames)
      const title = titleOf(`${job} · Builder Hub`, filter)
      await sendFeed(
        context,
        { title, path: jobPath(job), feedPath: feedPaths.job(job, filter) },
        { ...filter, job },
      )
    },

    async '/platform/:platform/feed.atom'(context) {
      const { platform = '' } = context.params
      if (!(await findPlatform(platform))) {
        sendText(context.response, 404, `no platform ${JSON.stringify(platform)}`)
        return
      }
      const filter = await readFilter(context.query, filterOfPlatform)
      const title = titleOf(`${platform} · Builder Hub`, filter)
      const of = { title, path: platformPath(platform), feedPath: feedPaths.platform(platform, filter) }
      await sendFeed(context, of, { ...filter, platform })
    },

    async '/job/:job/badge.svg'(context) {
      const { job = '' } = context.params
      const platform = context.query.get('platform')
      if (!(await findJob(job))) {
        sendText(context.response, 404, `no job ${JSON.stringify(job)}`)
        return
      }
      const answer = await keepBadge(context.request, JSON.stringify([job, platform]), async () => {
        const [newest] = await findNewestBuilds(db, { job, platform }, 1)
        return makeAnswer('image/svg+xml', await badge(platform ?? 'build', newest ?? null))
      })
      await send(context, answer, 'public, max-age=300')
    },
  }
  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerBadFilter(handle),
  }))
}

function answerBadFilter(handle: HttpHandler): HttpHandler {
  return async (context) => {
    try {
      await handle(context)
    } catch (error) {
      if (!(error instanceof BadFilterError)) throw error
      sendText(context.response, 400, error.message)
    }
  }
}

function titleOf(title: string, { platform, status, verdict, since, until }: AddressFilter): string {
  return [
    title,
    platform && `on ${platform}`,
    status,
    verdict?.replace('-', ' '),
    since && `since ${since}`,
    until && `until ${until}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The builds of a feed, and whether the reasons of all that failed are known. */
async function findFeedBuilds(
  { analyses, db }: FeedDeps,
  { job, ...filter }: AddressFilter & { job?: string },
): Promise<{ builds: FeedBuild[]; reasons: Reasons }> {
  const found = await findNewestBuilds(db, { ...toBuildFilter(filter), job }, buildsOfFeed, 'RECEIVED')
  const looking = { analyses, db }
  let isSomeFailed = false
  const reasonOf = async (build: DescribedBuild) => {
    const summary = await loadSummary(looking, 'FAILURE', failureSummary, build)
    const facts = await loadAnalysisOf(looking, 'FAILURE', build)
    if (facts && stateOf(analyses.kinds, facts) === 'FAILED') isSomeFailed = true
    return explainFailure(build, summary)?.because ?? null
  }
  const builds = await Promise.all(
    found.map(async (build) => ({
      ...build,
      because: build.status === 'FAILED' ? await reasonOf(build) : null,
    })),
  )
  return { builds, reasons: isVolatile(looking) ? 'passing' : isSomeFailed ? 'failed' : 'whole' }
}

function send(context: Context, answer: MadeAnswer, cacheControl = 'no-cache'): Promise<void> {
  return sendMade(context, answer, {
    'Cache-Control': cacheControl,
    // Pages of other sites show them, in pictures and by their scripts.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    // An SVG that is opened by itself is a page.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  })
}
