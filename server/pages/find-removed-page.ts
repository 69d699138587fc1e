import type { Deps } from '../deps.ts'
import { buildPath, jobPath } from '../paths.ts'
import {
  describeRemoval,
  describeGrade,
  findNewestBuild,
  findRemovedBuild,
} from '../retention/removed-build.ts'
import { timeOf } from './build-list.ts'
import { element, nameElement } from './html.ts'
import type { PageFacts } from './page-facts.ts'

/** What is left to say of a build that was removed. Null: there was no such build, or not of this job. */
export async function findRemovedPage(
  db: Deps['db'],
  uuid: string,
  ofJob?: string,
): Promise<PageFacts | null> {
  const removed = await findRemovedBuild(db, uuid, ofJob)
  if (!removed) return null
  const newest = await findNewestBuild(db, removed)
  const { job, platform, startedAt, mainBinarySha256: sha256 } = removed
  const grade = describeGrade(removed)
  const removal = describeRemoval(removed)
  return {
    title: `${job} on ${platform}, ${startedAt.toISOString().slice(0, 10)}: removed`,
    description: `This build of ${job} was ${removal}.`,
    path: buildPath(job, removed.uuid),
    isGone: true,
    isUnlisted: true,
    content: [
      element('p', {}, nameElement(job), ' on ', nameElement(platform), '. Started ', timeOf(startedAt), '.'),
      element('p', {}, 'This build was ', element('bdi', {}, removal), '.'),
      ...(sha256 === null ? [] : [element('p', {}, 'Main binary: sha256 ', element('code', {}, sha256))]),
      ...(grade === null ? [] : [element('p', {}, `When it was removed, ${grade}.`)]),
      newest
        ? element(
            'p',
            {},
            element('a', { href: buildPath(job, newest.uuid) }, 'The newest build'),
            ' of ',
            element('a', { href: jobPath(job) }, nameElement(job)),
            ' on ',
            nameElement(newest.platform),
            '.',
          )
        : element('p', {}, 'The job has no other build with a main binary.'),
    ],
  }
}
