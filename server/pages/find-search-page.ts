import type { Element, ElementContent } from 'hast'
import { describeBuild, findDescribedBuilds } from '../builds/describe-build.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId, JobId } from '../ids.ts'
import { buildPath, hashPath, jobPath, platformPath } from '../paths.ts'
import { findBuildsOfTerm, findFailuresOfTerm } from '../search/find-builds-of-term.ts'
import {
  findFilesOfTerm,
  findJobsOfTerm,
  findPackagesOfTerm,
  findPlatformsOfTerm,
} from '../search/find-names.ts'
import { findContentsOfTerm, findPlaceOfTerm } from '../search/find-place.ts'
import { maxTermLength, readTerm, type SearchTerm } from '../search/read-term.ts'
import { timeOf } from './build-list.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

/** Of each kind. */
const most = 20

/** What the application finds for a text, without users: the page is everybody's. */
export const findSearchPage: PageFinder = async ({ db }, _params, { text }) => {
  const term = readTerm(text.slice(0, maxTermLength))
  const place = await findPlaceOfTerm(db, term)
  const lists = [
    list('Jobs', await jobsOf(db, term)),
    list('Builds', await buildsOf(db, await findBuildsOfTerm(db, term, most))),
    list(
      'Packages',
      (await findPackagesOfTerm(db, term, most)).map(({ ecosystem, name }) => [
        nameElement(name),
        ` of ${ecosystem}`,
      ]),
    ),
    list('Files', await filesOf(db, term)),
    list(
      'Platforms',
      (await findPlatformsOfTerm(db, term, most)).map(({ name }) => [
        element('a', { href: platformPath(name) }, nameElement(name)),
      ]),
    ),
    list('Failures', await failuresOf(db, term)),
    list(
      'Files by SHA-256',
      (await findContentsOfTerm(db, term)).map((sha256) => [
        element('a', { href: hashPath(sha256) }, element('code', {}, sha256)),
      ]),
    ),
  ].flat()
  const named = place === null ? [] : [element('p', {}, element('a', { href: place }, 'Show what it names'))]
  const found = [...named, ...lists]
  const none =
    text === '' ? 'Words, a day, a SHA-256 or a UUID find something.' : 'Nothing has all of these words.'
  return {
    title: 'Search',
    description: 'Find jobs, packages, builds, files and failures.',
    path: '/search',
    isUnlisted: true,
    content: [
      ...(text === '' ? [] : [element('p', {}, 'Found for ', nameElement(text), ':')]),
      ...(found.length > 0 ? found : [element('p', {}, none)]),
    ],
  }
}

type Line = (ElementContent | string)[]

function list(title: string, lines: readonly Line[]): Element[] {
  if (lines.length === 0) return []
  return [element('h2', {}, title), element('ul', {}, ...lines.map((line) => element('li', {}, ...line)))]
}

async function jobsOf(db: Reader, term: SearchTerm): Promise<Line[]> {
  const ids: readonly JobId[] = await findJobsOfTerm(db, term, most)
  const jobs = await db.job.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, name: true, synopsis: true },
  })
  return jobs
    .toSorted((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id))
    .map(({ name, synopsis }) => [
      element('a', { href: jobPath(name) }, nameElement(name)),
      synopsis ? `: ${synopsis}` : '',
    ])
}

async function buildsOf(db: Reader, ids: readonly BuildId[]): Promise<Line[]> {
  return (await findDescribedBuilds(db, ids)).map((build) => [
    element('a', { href: buildPath(build.job.name, build.uuid) }, timeOf(build.startedAt)),
    ' ',
    nameElement(build.job.name),
    ' on ',
    nameElement(build.platform.name),
    ': ',
    element('bdi', {}, describeBuild(build)),
  ])
}

async function filesOf(db: Reader, term: SearchTerm): Promise<Line[]> {
  const files = await findFilesOfTerm(db, term, most)
  const builds = await findDescribedBuilds(
    db,
    files.map(({ newestBuildId }) => newestBuildId),
  )
  const byId = new Map(builds.map((build) => [build.id, build]))
  return files.flatMap(({ path, job, newestBuildId }) => {
    const build = byId.get(newestBuildId)
    if (!build) return []
    return [[element('a', { href: buildPath(job, build.uuid) }, nameElement(path)), ' of ', nameElement(job)]]
  })
}

async function failuresOf(db: Reader, term: SearchTerm): Promise<Line[]> {
  const failures = await findFailuresOfTerm(db, term, most)
  const lines = await buildsOf(
    db,
    failures.map(({ buildId }) => buildId),
  )
  return lines.map((line, index) => [...line, ': ', element('bdi', {}, failures[index]?.line ?? '')])
}
