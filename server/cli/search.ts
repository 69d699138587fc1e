import { InvalidArgumentError, type Command } from 'commander'
import { describeBuild, findDescribedBuilds } from '../builds/describe-build.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId } from '../ids.ts'
import { findBuildsOfTerm, findFailuresOfTerm } from '../search/find-builds-of-term.ts'
import {
  findFilesOfTerm,
  findJobsOfTerm,
  findPackagesOfTerm,
  findPlatformsOfTerm,
  findUsersOfTerm,
} from '../search/find-names.ts'
import { findContentsOfTerm } from '../search/find-place.ts'
import { maxTermLength, readTerm } from '../search/read-term.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import { describeFound, type Found } from './print-search.ts'
import { onSite } from './remote/on-site.ts'
import { searchAt } from './remote/search.ts'

/** `hub search` */
export function addSearchCommand(hub: Command): void {
  addExamples(
    hub
      .command('search')
      .argument('<words...>', 'words or their beginnings, a day, first digits of a SHA-256, a UUID', toWords)
      .description(
        'find jobs, platforms, packages, builds, files, failures, contents and users, one a line. Exits with 3 if nothing is found',
      )
      .option('--first <number>', 'how many of each kind', parseNumber, 10)
      .option('--json', 'print JSON', false)
      .action(
        async (words: string[], { first, json }: { first: number; json: boolean }, command: Command) => {
          const text = words.join(' ')
          const found = await onSite<Found>(command, {
            remote: (site) => searchAt(site, text, first),
            local: ({ db }) => findAll(db, text, first),
          })
          ioOf(command).stdout.write(json ? jsonText(found) : describeFound(found))
          if (Object.values(found).every((list) => list.length === 0))
            throw new FoundProblemsError('nothing has all of these words')
        },
      ),
    ['hub search dns primary', 'hub search debian-12 2026-11', 'hub search a40c3f9d'],
  )
}

function toWords(word: string, before: string[] = []): string[] {
  const words = [...before, word]
  if (words.join(' ').length > maxTermLength)
    throw new InvalidArgumentError(`at most ${maxTermLength} characters are looked for`)
  return words
}

async function findAll(db: Reader, text: string, first: number): Promise<Found> {
  const term = readTerm(text)
  const jobIds = await findJobsOfTerm(db, term, first)
  const jobs = await db.job.findMany({
    where: { id: { in: jobIds } },
    select: { id: true, name: true, synopsis: true },
  })
  const files = await findFilesOfTerm(db, term, first)
  const failures = await findFailuresOfTerm(db, term, first)
  return {
    jobs: jobs
      .toSorted((left, right) => jobIds.indexOf(left.id) - jobIds.indexOf(right.id))
      .map(({ name, synopsis }) => ({ name, synopsis })),
    platforms: (await findPlatformsOfTerm(db, term, first)).map(({ name }) => ({ name })),
    packages: await findPackagesOfTerm(db, term, first),
    builds: await buildsOf(db, await findBuildsOfTerm(db, term, first)),
    files: files.map(({ path, job, buildCount }) => ({ path, job, buildCount })),
    failures: (
      await buildsOf(
        db,
        failures.map(({ buildId }) => buildId),
      )
    ).map((build, index) => ({ ...build, line: failures[index]?.line ?? '' })),
    contents: await findContentsOfTerm(db, term),
    users: await findUsersOfTerm(db, term, first),
  }
}

async function buildsOf(db: Reader, ids: readonly BuildId[]) {
  return (await findDescribedBuilds(db, ids)).map((build) => ({
    ...{ uuid: build.uuid, job: build.job.name, platform: build.platform.name },
    ...{ startedAt: build.startedAt, outcome: describeBuild(build) },
  }))
}
