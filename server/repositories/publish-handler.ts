import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import { BadConfigError } from '../config.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { Package } from '../generated/prisma/client.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { TaskFailedError, type TaskHandler } from '../runner/handler.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { readReferenceMark, type ReferenceMark } from '../storage/find-references.ts'
import { WorkerDiedError } from '../workers/worker-process.ts'
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
  publications: Publication[]
  isPartial: boolean
  pauseMs: number
  mark: ReferenceMark
}

/**
 * Publishes the package repositories of `--repositories-file`: reads packages that are new, chooses which ones each repository has, makes
 * and signs the indexes of those that changed or whose signature gets old, and switches to them in one transaction. `pauseMs`: from one
 * publication to the next at least, 1 s or more.
 */
export function publishHandler(
  deps: Handling,
  { pauseMs = 10_000 }: { pauseMs?: number } = {},
): TaskHandler<Outcome> {
  const { blobs, clock, config, db, log, writer } = deps
  return {
    ...{ kind: publishKind, version: 1, slots: { max: 1 }, yieldsToUploads: false },
    ...{ maxAttempts: 10, retryPauseMs: 5_000, standing: { isAtStart: true, everyMs: hourMs } },
    async run() {
      const definitions = definitionsOf(config.repositoriesFile)
      const mark = await readReferenceMark(db)
      const outcome: Outcome = {
        ...{ names: definitions.map(({ name }) => name), read: [], publications: [], isPartial: false },
        ...{ pauseMs: 0, mark },
      }
      if (definitions.length === 0) return outcome
      const restMs = await restBefore(deps, outcome.names, Math.max(pauseMs, leastPauseMs))
      if (restMs > 0) return { ...outcome, isPartial: true, pauseMs: restMs }
      for (const definition of definitions) {
        const candidates = await findCandidates(db, definition)
        const known = await findPackages(deps, candidates)
        const unread = candidates.filter(({ sha256 }) => !known.has(sha256))
        const now = unread.slice(0, packagesPerRun - outcome.read.length)
        for (const candidate of now) {
          const row = await readOne(deps, definition, candidate)
          known.set(row.sha256, row)
          if (!outcome.read.some(({ sha256 }) => sha256 === row.sha256)) outcome.read.push(row)
        }
        outcome.isPartial ||= now.length < unread.length
        if (outcome.isPartial) continue
        const publication = await publicationOf(deps, definition, candidates, known)
        if (publication) outcome.publications.push(publication)
      }
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

async function findPackages(
  { db }: Pick<Handling, 'db'>,
  candidates: readonly Candidate[],
): Promise<Map<string, Package>> {
  const ids = candidates.map(({ sha256 }) => sha256)
  const rows = await inSlices(ids, parametersPerStatement, (slice) =>
    db.package.findMany({ where: { sha256: { in: slice } } }),
  )
  return new Map(rows.map((row) => [row.sha256, row]))
}

/** In a worker process: a package is anything at all. What no run could read has a row that says why. */
async function readOne(
  { blobs, copies, workers }: Pick<Handling, 'blobs' | 'copies' | 'workers'>,
  definition: RepositoryDefinition,
  { sha256 }: Candidate,
): Promise<Package> {
  const format = formatOf(definition)
  try {
    const facts = await copies.withFile(blobs, toBlobId(sha256), (file) =>
      workers.run(
        'readPackage',
        { file, format },
        { timeoutMs: 60_000, maxCpuMs: 20_000, maxMemoryMiB: 768 },
      ),
    )
    return { sha256, ...facts, problem: null }
  } catch (error) {
    const isPackages = error instanceof DomainError && !(error instanceof DamagedBlobError)
    if (!isPackages && !(error instanceof WorkerDiedError)) throw error
    const problem = error instanceof DomainError ? error.message : 'reading it ended the process'
    return { sha256, format, name: '', version: '', architecture: '', control: '', problem }
  }
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
