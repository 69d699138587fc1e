import type { BlobStore } from '../blobs/blob-store.ts'
import { analysisKinds } from '../analyses/kind.ts'
import type { Database } from '../database/connections.ts'
import { isDatabaseDamaged } from '../database/database-errors.ts'
import type { Integrity } from '../database/integrity.ts'
import type { BuildId, JobId } from '../ids.ts'
import { countReferences } from '../storage/collect-blobs.ts'
import { readReferenceMark } from '../storage/find-references.ts'
import { referenceFilter } from '../storage/reference-filter.ts'
import type { ReferenceScope } from '../storage/list-references.ts'
import type { ByteRate } from './byte-rate.ts'
import { checkAudit } from './check-audit.ts'
import { checkBuilds } from './check-builds.ts'
import { consoleIndexDifference } from './check-console-index.ts'
import { checkDatabase } from './check-database.ts'
import { checkFacts } from './check-facts.ts'
import { checkReferences } from './check-references.ts'
import { checkStaging, checkStore } from './check-store.ts'
import type { DamageMarks } from './damage-marks.ts'
import type { Finding } from './finding.ts'
import { listNotReproducible } from './list-not-reproducible.ts'
import { reviewMarks } from './review-marks.ts'

export type VerifyOptions = {
  /** Read all content, and compare hashes. Otherwise only lengths are compared. */
  isFull: boolean
  /** Only what was received since, or only builds of this job. */
  since: Date | null
  jobId: JobId | null
  rate: ByteRate
  onProgress?: (text: string) => void
  /** Is told what is no finding: what was checked instead, and what is whole again. */
  onNote?: (text: string) => void
}

type VerifyDeps = Pick<Database, 'db' | 'writer'> & {
  /** The store itself: it gives marked content, too. */
  store: BlobStore
  damage: DamageMarks
  integrity: Integrity
  stagingDir: string
}

/**
 * Compares everything that a site stores with everything else, and yields what is wrong. What is found of content is
 * marked, so that nobody gets it. Facts are checked after the columns from which they follow, so that a caller can repair
 * each finding when it has it. Uploads go on. Memory does not grow with the number of builds.
 */
export async function* verifySite(
  deps: VerifyDeps,
  { isFull, since, jobId, rate, onProgress = () => {}, onNote = () => {} }: VerifyOptions,
): AsyncGenerator<Finding, void, void> {
  const { db, damage, integrity, stagingDir } = deps
  const scope: ReferenceScope = {
    ...(jobId === null ? {} : { jobId }),
    ...(since === null ? {} : { firstBuildId: await firstBuildSince(deps, since) }),
  }
  const isWhole = jobId === null && since === null
  const counted = (what: string) => (count: number) => onProgress(`${what}: ${count}`)

  if (isWhole) {
    onProgress('database')
    yield* tolerant(checkDatabase(db, integrity, !isFull, onNote))
    yield* tolerant(checkAudit(db, counted('entries of the audit log checked')))
  }
  yield* tolerant(checkBuilds(db, scope, counted('builds compared with their artifacts')))
  yield* tolerant(checkFacts(deps, scope, counted('jobs whose facts were checked')))
  // In this order: rows that are newer than the mark need not be in the filter.
  const mark = await readReferenceMark(db)
  const filter = isWhole ? referenceFilter(await countReferences(db)) : null
  const references = checkReferences(deps, {
    ...scope,
    ...{ isHashed: isFull && !isWhole, rate, filter, onProgress: counted('references checked') },
  })
  for await (const finding of tolerant(references)) if (await isLeft(damage, finding)) yield finding
  if (filter) {
    const stored = checkStore(deps, {
      ...{ isHashed: isFull, rate, filter, mark },
      onProgress: ({ count, bytes }) =>
        onProgress(`files checked: ${count}${isFull ? `, ${Math.floor(bytes / 1e6)} MB` : ''}`),
    })
    for await (const finding of tolerant(stored)) if (await isLeft(damage, finding)) yield finding
    yield* checkStaging(stagingDir)
    yield* checkResults(deps)
  }
  if (isFull) yield* tolerant(checkConsoles(deps, scope, rate, counted('consoles compared with their index')))
  if (isWhole) {
    await reviewMarks(deps, { rate, onNote })
    onProgress('builds of the same input')
    yield* tolerant(listNotReproducible(db))
  }
}

async function firstBuildSince({ db }: Pick<Database, 'db'>, since: Date): Promise<BuildId> {
  const first = await db.build.findFirst({
    where: { receivedAt: { gte: since } },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  if (first) return first.id
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  return ((newest?.id ?? 0) + 1) as BuildId
}

/** A check that meets a damaged part of the database reports it, and the next check goes on. */
async function* tolerant(findings: AsyncIterable<Finding>): AsyncGenerator<Finding, void, void> {
  try {
    yield* findings
  } catch (error) {
    if (!isDatabaseDamaged(error)) throw error
    const detail = `a part of the database cannot be read, so a check has ended early: ${String(error)}`
    yield { kind: 'DATABASE_DAMAGED', subject: {}, detail, repairs: [] }
  }
}

/** Marks damaged content. False: an upload has replaced it meanwhile. */
async function isLeft(marks: DamageMarks, { kind, damage }: Finding): Promise<boolean> {
  if (!damage || kind === 'RESULT_MISSING') return true
  return (await marks.add(damage)) !== 'REPLACED'
}

/** Analyses that are done, and have no result. */
async function* checkResults({ db }: Pick<Database, 'db'>): AsyncGenerator<Finding, void, void> {
  const tasks = await db.queuedTask.findMany({
    where: { kind: { in: [...analysisKinds] }, state: 'DONE', resultSha256: null },
    take: 1_000,
    select: { id: true, kind: true, key: true },
  })
  for (const { id, kind, key } of tasks)
    yield {
      kind: 'RESULT_MISSING',
      subject: { table: 'QueuedTask', row: `${kind} ${key}` },
      detail: 'it is done, and its row names no result',
      repairs: [{ act: 'MAKE_RESULT_AGAIN', taskId: id, sha256: null }],
    }
}

const consolesPerPage = 500

async function* checkConsoles(
  { db, store }: Pick<VerifyDeps, 'db' | 'store'>,
  { jobId, firstBuildId }: ReferenceScope,
  rate: ByteRate,
  onProgress: (count: number) => void,
): AsyncGenerator<Finding, void, void> {
  let after = ((firstBuildId ?? 1) - 1) as BuildId
  let count = 0
  for (;;) {
    const builds = await db.build.findMany({
      where: { id: { gt: after }, ...(jobId === undefined ? {} : { jobId }) },
      orderBy: { id: 'asc' },
      take: consolesPerPage,
      select: {
        ...{ id: true, uuid: true, job: { select: { name: true } }, consoleSha256: true },
        ...{ consoleSizeBytes: true, consoleIndexSha256: true, consoleLineCount: true },
      },
    })
    for (const build of builds) {
      const detail = await consoleIndexDifference(store, build, rate)
      if (detail !== null)
        yield {
          kind: 'CONSOLE_INDEX_DIFFERS',
          subject: { job: build.job.name, build: build.uuid, sha256: build.consoleIndexSha256 },
          detail,
          repairs: [],
        }
      onProgress(++count)
    }
    const last = builds.at(-1)
    if (!last || builds.length < consolesPerPage) return
    after = last.id
  }
}
