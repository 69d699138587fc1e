import type { ElementContent } from 'hast'
import { toBuildFilter, type AddressFilter } from '../builds/address-filter.ts'
import {
  findNewestBuilds,
  findDescribedBuild,
  describeBuild,
  describeClock,
  describeDuration,
} from '../builds/describe-build.ts'
import type { Deps } from '../deps.ts'
import { findComparedBuilds } from '../diffs/compared-build.ts'
import { diffBuilds, isDamaged } from '../diffs/diff-builds.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { summarize } from '../diffs/summarize.ts'
import {
  buildPath,
  comparePath,
  consolePath,
  feedPaths,
  jobPath,
  platformPath,
  scriptPath,
} from '../paths.ts'
import { buildList, fileOf, mainBinaryOf, timeOf } from './build-list.ts'
import { findRemovedPage } from './find-removed-page.ts'
import { element, nameElement } from './html.ts'
import type { PageFacts } from './page-facts.ts'

type PageDeps = Pick<Deps, 'db' | 'blobs' | 'log' | 'workers'>
type Params = Record<string, string | undefined>

/** Finds the facts of a page of the web application. Null if the URL has no page. */
export type PageFinder = (deps: PageDeps, params: Params, visit: Visit) => Promise<PageFacts | null>

/**
 * The client, what the query of the address leaves out of lists of builds and of their feeds, and what it looks for (`q`);
 * empty: nothing.
 */
export type Visit = { address: string; filter: AddressFilter; text: string }

const buildsOfList = 50
const jobsOfList = 1_000
const artifactsOfList = 500
const platformsOfList = 500

const siteFeed = { path: feedPaths.site(), title: 'All builds' }

export const findHomePage: PageFinder = async ({ db }) => {
  const jobs = await db.job.findMany({
    where: { isHidden: false },
    select: { name: true, synopsis: true },
    orderBy: { name: 'asc' },
    take: jobsOfList,
  })
  const lines = jobs.map(({ name, synopsis }) =>
    element(
      'li',
      {},
      element('a', { href: jobPath(name) }, nameElement(name)),
      synopsis ? `: ${synopsis}` : '',
    ),
  )
  return {
    title: 'Builder Hub',
    description: 'Reproducible builds: their results, binaries and checksums.',
    path: '/',
    feed: siteFeed,
    content: [lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'No builds yet.')],
  }
}

export const findAllJobsPage: PageFinder = async (deps, ...asked) => {
  const home = await findHomePage(deps, ...asked)
  return home && { ...home, title: 'All jobs', path: '/all-builds' }
}

export const findFailedBuildsPage: PageFinder = async ({ db }, _params, { filter }) => {
  const builds = await findNewestBuilds(db, { ...toBuildFilter(filter), status: 'FAILED' }, buildsOfList)
  // A platform without failures may be one that does not exist, which has no feed.
  const ofFeed = builds.length > 0 ? filter : { ...filter, platform: undefined }
  return {
    title: 'Failed builds',
    description: 'Builds that failed, newest first.',
    path: '/failed-builds',
    feed: { path: feedPaths.site({ ...ofFeed, status: 'failed' }), title: 'Failed builds' },
    content: [buildList(builds, { withJob: true })],
  }
}

/** A page of a job. `only` restricts it to the failed builds. */
export function findJobPage(only?: 'FAILED'): PageFinder {
  return async ({ db }, { job = '' }, { filter }) => {
    const asked: AddressFilter = only ? { ...filter, status: 'failed' } : filter
    const isAll = Object.keys(asked).length === 0
    const found = await db.job.findUnique({
      where: { name: job },
      select: { name: true, synopsis: true, description: true },
    })
    if (!found) return null
    const builds = await findNewestBuilds(db, { ...toBuildFilter(asked), job }, buildsOfList)
    const [newest] = builds
    const standing = newest
      ? `Newest ${isAll ? 'build' : 'of these builds'} on ${newest.platform.name}: ${describeBuild(newest)}.`
      : only
        ? 'No build failed.'
        : ''
    return {
      title: only ? `Failed builds of ${job}` : job,
      description: [found.synopsis ?? `Builds of ${job}`, standing].filter(Boolean).join('. '),
      path: only ? `${jobPath(job)}/failed` : jobPath(job),
      feed: { path: feedPaths.job(job, asked), title: only ? `Failed builds of ${job}` : `Builds of ${job}` },
      content: [
        ...[found.synopsis, found.description].flatMap((text) => (text ? [element('p', {}, text)] : [])),
        element('h2', {}, 'Builds'),
        buildList(builds, { withJob: false }),
      ],
    }
  }
}

export const findPlatformsPage: PageFinder = async ({ db }) => {
  const platforms = await db.platform.findMany({
    select: { name: true },
    orderBy: { name: 'asc' },
    take: platformsOfList,
  })
  const lines = platforms.map(({ name }) =>
    element('li', {}, element('a', { href: platformPath(name) }, nameElement(name))),
  )
  return {
    title: 'Platforms',
    description: 'The platforms that builds ran on.',
    path: '/platforms',
    content: [lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'No builds yet.')],
  }
}

export const findPlatformPage: PageFinder = async ({ db }, { platform = '' }, { filter }) => {
  const found = await db.platform.findUnique({ where: { name: platform }, select: { name: true } })
  return (
    found && {
      title: platform,
      description: `Builds on ${platform}, newest first.`,
      path: platformPath(platform),
      feed: { path: feedPaths.platform(platform, filter), title: `Builds on ${platform}` },
      content: [
        buildList(await findNewestBuilds(db, { ...toBuildFilter(filter), platform }, buildsOfList), {
          withJob: true,
        }),
      ],
    }
  )
}

export const findBuildPage: PageFinder = async ({ db }, params) => {
  const { job = '', uuid: asked = '' } = params
  const uuid = asked.toLowerCase()
  const build = await findDescribedBuild(db, job, uuid)
  if (!build) return findRemovedPage(db, uuid, job)
  const artifacts = await db.artifact.findMany({
    where: { buildId: build.id },
    select: { path: true, sizeBytes: true, sha256: true },
    orderBy: { path: 'asc' },
    take: artifactsOfList,
  })
  const { startedAt, platform, mainBinarySha256: sha256 } = build
  const binary = mainBinaryOf(build)
  const files = artifacts.map((file) => element('li', {}, ...fileOf(job, uuid, file)))
  const clock = describeClock(build)
  const day = startedAt.toISOString().slice(0, 10)
  return {
    title: `${job} on ${platform.name}, ${day}`,
    description:
      `${job} on ${platform.name}: ${describeBuild(build)}. Started ${startedAt.toISOString()}.` +
      (sha256 === null ? '' : ` Main binary sha256 ${sha256}.`),
    path: buildPath(job, uuid),
    feed: { path: feedPaths.job(job), title: `Builds of ${job}` },
    content: [
      element(
        'p',
        {},
        element('a', { href: jobPath(job) }, nameElement(job)),
        ' on ',
        element('a', { href: platformPath(platform.name) }, nameElement(platform.name)),
        ': ',
        element('bdi', {}, describeBuild(build)),
        '. Started ',
        timeOf(startedAt),
        `, ${describeDuration(build)}.`,
      ),
      ...(clock === null ? [] : [element('p', {}, clock)]),
      ...(binary.length > 0 ? [element('p', {}, 'Main binary: ', ...binary)] : []),
      element('h2', {}, 'Artifacts'),
      files.length > 0 ? element('ul', {}, ...files) : element('p', {}, 'None.'),
      element(
        'p',
        {},
        element('a', { href: consolePath(job, uuid) }, 'Console'),
        ', ',
        element('a', { href: scriptPath(job, uuid) }, 'script'),
      ),
    ],
  }
}

/** A page that shows only one picture of a build. */
export function findPicturePage(what: string, ending: string): PageFinder {
  return async (deps, ...asked) => {
    const build = await findBuildPage(deps, ...asked)
    return build && { ...build, title: `${what} of ${build.title}`, path: build.path + ending }
  }
}

/** Time limit for the summary in the server's HTML. The web application fetches the summary anyway. */
const summaryWithinMs = 250

export const findComparePage: PageFinder = async (deps, params, { address }) => {
  const [left = '', right = ''] = [params['left'], params['right']].map((uuid) => uuid?.toLowerCase())
  const found = await findComparedBuilds(deps, [left, right])
  const [leftBuild, rightBuild] = [found.get(left), found.get(right)]
  if (!leftBuild || !rightBuild) {
    const page = await findRemovedPage(deps.db, leftBuild ? right : left)
    return page && { ...page, path: comparePath(left, right) }
  }
  const jobs = [...new Set([leftBuild.job, rightBuild.job])].join(' and ')
  const day = (at: Date) => at.toISOString().slice(0, 10)
  const turn = oneComparison({ address, workers: deps.workers })
  const compare = () => diffBuilds(deps, leftBuild, rightBuild)
  // A page never waits for another comparison of its client, and leaves none behind that nobody waits for.
  const diff = turn.activeCount > 0 ? null : await within(summaryWithinMs, turn(compare))
  const summary = diff && summarize(diff).text
  const side = (name: string, { job, uuid, platform, startedAt }: typeof leftBuild): ElementContent =>
    element(
      'li',
      {},
      `${name}: `,
      element(
        'a',
        { href: buildPath(job, uuid) },
        nameElement(job),
        ' on ',
        nameElement(platform),
        ', ',
        timeOf(startedAt),
      ),
    )
  return {
    title: `${jobs}: ${day(leftBuild.startedAt)} → ${day(rightBuild.startedAt)}`,
    description: summary ?? `What changed between two builds of ${jobs}.`,
    path: comparePath(left, right),
    isUnlisted: true,
    isPartial: diff === null || isDamaged(diff),
    content: [
      ...(summary ? [element('p', {}, summary)] : []),
      element('ul', {}, side('Left', leftBuild), side('Right', rightBuild)),
    ],
  }
}

/** The value, or null if the promise takes longer or fails. The API reports the reason of a failure. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)))
  try {
    return await Promise.race([promise.catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}
