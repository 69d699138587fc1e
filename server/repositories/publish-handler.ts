import { BadConfigError } from '../config.ts'
import type { Deps } from '../deps.ts'
import type { Package } from '../generated/prisma/client.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { TaskFailedError, type TaskHandler } from '../runner/handler.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { readReferenceMark, type ReferenceMark } from '../storage/find-references.ts'
import { choosePackages } from './choose-packages.ts'
import { findCandidates, formatOf, type Candidate } from './find-candidates.ts'
import {
  contentHash,
  findPublished,
  forgetReplaced,
  needsSignature,
  preparePublication,
  switchTo,
  type Publication,
} from './publication.ts'
import { readRepositoriesFile, type RepositoryDefinition } from './repositories-file.ts'
import { packageReader, type PackageReader } from './package-reader.ts'
import { sitePolicy } from '../policy/site-policy.ts'
import { repositoryKeys } from './repository-keys.ts'
import { publishKind } from './request-publishing.ts'

const hourMs = 3_600_000
/** Packages that one run reads; their rows are written before it goes on. */
const packagesPerRun = 100
/** Times in HTTP have seconds: two publications in one second would look alike to clients. */
const leastPauseMs = 1_000

type Handling = Pick<Deps, 'blobs' | 'clock' | 'config' | 'copies' | 'db' | 'log' | 'workers' | 'writer'>

type Outcome = {
  names: string[]
  read: Package[]
  /** An attempt to read a package failed, and it is to be read again. */
  isFailing: boolean
  publications: Publication[]
  /** It runs again after `pauseMs`: packages are left to be read, or it is too early to publish. */
  isPartial: boolean
  pauseMs: number
  mark: ReferenceMark
}

/**
 * Publishes the package repositories of `--repositories-file`: reads packages that are new, chooses which ones each repository has, makes
 * and signs the indexes of those that changed or whose signature gets old, and switches to them in one transaction. `pauseMs`: from one
 * publication to the next at least, 1 s or more. `retryMs`: until a package whose reading failed is read again.
 */
export function publishHandler(
  deps: Handling,
  { pauseMs = 10_000, retryMs = 30_000 }: { pauseMs?: number; retryMs?: number } = {},
): TaskHandler<Outcome> {
  const { blobs, clock, config, db, log, writer } = deps
  const reader = packageReader(deps, { retryMs })
  return {
    ...{ kind: publishKind, version: 1, slots: { max: 1 }, yieldsToUploads: false },
    ...{ maxAttempts: 10, retryPauseMs: 5_000, standing: { isAtStart: true, everyMs: hourMs } },
    async run() {
      const definitions = definitionsOf(config.repositoriesFile)
      const mark = await readReferenceMark(db)
      const outcome: Outcome = {
        ...{ names: definitions.map(({ name }) => name), read: [], publications: [], isPartial: false },
        ...{ isFailing: false, pauseMs: 0, mark },
      }
      if (definitions.length === 0) return outcome
      const restMs = await restBefore(deps, outcome.names, Math.max(pauseMs, leastPauseMs))
      if (restMs > 0) return { ...outcome, isPartial: true, pauseMs: restMs }
      for (const definition of definitions) {
        const candidates = await findCandidates(db, definition, sitePolicy(config)?.sha256 ?? null)
        const known = await findPackages(deps, candidates, outcome.read)
        const isAllRead = await readSome(reader, definition, candidates, known, outcome)
        if (!isAllRead) continue
        const publication = await publicationOf(deps, definition, candidates, known)
        if (publication) outcome.publications.push(publication)
      }
      // A package that may be readable later keeps no other one waiting.
      if (!outcome.isPartial && outcome.isFailing) return { ...outcome, isPartial: true, pauseMs: retryMs }
      return outcome
    },
    record: ({ isPartial, pauseMs: restMs }) => (isPartial ? { isPartial, pauseMs: restMs } : {}),
    changes: (outcome) => (outcome && outcome.publications.length > 0 ? ['facts'] : []),
    async complete(tx, _task, { isPartial, names, publications, read }) {
      for (const row of read)
        await tx.package.upsert({ where: { sha256: row.sha256 }, create: row, update: row })
      for (const publication of publications) await switchTo(tx, blobs, publication)
      if (!isPartial) await forgetReplaced(tx, names, clock.now())
    },
    async kept({ publications }) {
      for (const { name, packageCount, staged } of publications) {
        log.info({ repository: name, packageCount }, 'a package repository was published')
        await blobs.discard(staged)
      }
    },
    async dropped({ mark, publications }) {
      for (const { staged } of publications) {
        await blobs.discard(staged)
        await deleteUnreferenced({ blobs, writer }, blobs.createdBy(staged), mark)
      }
    },
  }
}

/** How long to wait until the next publication may be made. */
async function restBefore(
  { clock, db }: Pick<Handling, 'clock' | 'db'>,
  names: readonly string[],
  pauseMs: number,
): Promise<number> {
  const newest = await db.repository.findFirst({
    where: { name: { in: [...names] } },
    orderBy: { publishedAt: 'desc' },
    select: { publishedAt: true },
  })
  if (!newest) return 0
  const passed = clock.now().getTime() - newest.publishedAt.getTime()
  // A clock that was put back does not stop publications.
  return passed < 0 || passed >= pauseMs ? 0 : pauseMs - passed
}

function definitionsOf(file: string): RepositoryDefinition[] {
  try {
    return readRepositoriesFile(file)
  } catch (error) {
    throw error instanceof BadConfigError ? new TaskFailedError(error.message) : error
  }
}

/** What is known of the packages, by SHA-256. `read`: what this run has read, which has no rows yet. */
async function findPackages(
  { db }: Pick<Handling, 'db'>,
  candidates: readonly Candidate[],
  read: readonly Package[],
): Promise<Map<string, Package>> {
  const ids = candidates.map(({ sha256 }) => sha256)
  const rows = await inSlices(ids, parametersPerStatement, (slice) =>
    db.package.findMany({ where: { sha256: { in: slice } } }),
  )
  return new Map([...rows, ...read].map((row) => [row.sha256, row]))
}

/** Reads packages that are not known, as many as the run may read, into `known` and `outcome`. False: more are left. */
async function readSome(
  reader: PackageReader,
  definition: RepositoryDefinition,
  candidates: readonly Candidate[],
  known: Map<string, Package>,
  outcome: Pick<Outcome, 'isFailing' | 'isPartial' | 'read'>,
): Promise<boolean> {
  for (const { sha256 } of candidates) {
    if (known.has(sha256)) continue
    if (outcome.read.length >= packagesPerRun) {
      outcome.isPartial = true
      return false
    }
    const row = await reader.read(sha256, formatOf(definition))
    if (row === null) {
      outcome.isFailing = true
      continue
    }
    known.set(sha256, row)
    outcome.read.push(row)
  }
  return true
}

/** Null: nothing has changed. */
async function publicationOf(
  { blobs, clock, config, db }: Pick<Handling, 'blobs' | 'clock' | 'config' | 'db'>,
  definition: RepositoryDefinition,
  candidates: readonly Candidate[],
  known: ReadonlyMap<string, Package>,
): Promise<Publication | null> {
  const now = clock.now()
  const choice = choosePackages(definition, candidates, known)
  const keys = await repositoryKeys(config.dataDir, now)
  const published = await findPublished(db, definition.name)
  const isSame = published?.contentSha256 === contentHash(definition, choice, keys)
  if (published && isSame && !needsSignature(published, now)) return null
  return preparePublication(blobs, definition, choice, keys, now)
}
