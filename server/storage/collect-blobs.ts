import { setTimeout as sleep } from 'node:timers/promises'
import type { BlobId, ListedBlob } from '../blobs/blob-store.ts'
import type { Deps } from '../deps.ts'
import { blobsPerTransaction, deleteUnreferenced } from './delete-unreferenced.ts'
import { findReferences, readReferenceMark } from './find-references.ts'
import { listReferences } from './list-references.ts'
import { referenceFilter, type ReferenceFilter } from './reference-filter.ts'

/** Longer than any upload takes, which has its blobs in the store before a row refers to them. */
export const graceOfUploadsMs = 24 * 3_600_000

export type CollectOptions = {
  /** Blobs that were written later than this long ago stay. Default: a day. */
  graceMs?: number
  /** Delete nothing. */
  isDryRun?: boolean
}

export type CollectProgress = {
  /** Blobs that were looked at so far. */
  listedCount: number
  listedBytes: number
  /** Blobs without a reference that were deleted, or that would be without `isDryRun`. */
  deletedCount: number
  deletedBytes: number
  /** Those of the step that this progress ends. */
  deleted: ListedBlob[]
  /** What lies in the store and is no blob. It stays. */
  strayCount: number
}

/** Progress is told at least after so many blobs. */
const blobsPerStep = 10_000

/**
 * Deletes blobs to which no row refers. Yields the progress now and then, and in the end; to stop early, leave the loop.
 * Uploads, and other collectors, in this and other processes go on: see `deleteUnreferenced`. Memory: two bytes for
 * each reference. Some blobs without a reference may stay until the next call (fewer than one in a hundred).
 */
export async function* collectBlobs(
  deps: Pick<Deps, 'blobs' | 'db' | 'writer'>,
  { graceMs = graceOfUploadsMs, isDryRun = false }: CollectOptions = {},
): AsyncGenerator<CollectProgress, void, void> {
  // In this order: rows that are newer than the mark need not be in the filter.
  const mark = await readReferenceMark(deps.db)
  const filter = await readFilter(deps.db)
  const writtenBefore = Date.now() - graceMs
  const progress = { listedCount: 0, listedBytes: 0, deletedCount: 0, deletedBytes: 0, strayCount: 0 }
  let candidates: ListedBlob[] = []
  let sinceYield = 0

  const removeCandidates = async (): Promise<ListedBlob[]> => {
    const byId = new Map(candidates.map((blob) => [blob.id, blob]))
    candidates = []
    const ids = isDryRun
      ? await withoutReference(deps, [...byId.keys()], mark)
      : await deleteUnreferenced(deps, [...byId.keys()], mark)
    const deleted = ids.flatMap((id) => byId.get(id) ?? [])
    progress.deletedCount += deleted.length
    progress.deletedBytes += deleted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return deleted
  }

  for await (const one of deps.blobs.list()) {
    if (one.id === null) {
      progress.strayCount += 1
      continue
    }
    progress.listedCount += 1
    progress.listedBytes += one.sizeBytes
    sinceYield += 1
    if (one.writtenAt.getTime() <= writtenBefore && !filter.mayHave(one.id)) candidates.push(one)
    if (candidates.length < blobsPerTransaction && sinceYield < blobsPerStep) continue
    const startedAt = performance.now()
    const deleted = await removeCandidates()
    sinceYield = 0
    yield { ...progress, deleted }
    // Half of the time belongs to uploads.
    if (!isDryRun) await sleep(performance.now() - startedAt)
  }
  const deleted = await removeCandidates()
  yield { ...progress, deleted }
}

async function readFilter(db: Deps['db']): Promise<ReferenceFilter> {
  const filter = referenceFilter(await countReferences(db))
  for await (const { id } of listReferences(db)) filter.add(id)
  return filter
}

/** How many references there are at most, except for those that are added now. Costs no scan: ids are numbered. */
export async function countReferences(db: Deps['db']): Promise<number> {
  const newest = { orderBy: { id: 'desc' as const }, select: { id: true } }
  const [artifact, build, job, task] = [
    await db.artifact.findFirst(newest),
    await db.build.findFirst(newest),
    await db.job.findFirst(newest),
    await db.queuedTask.findFirst(newest),
  ]
  return (artifact?.id ?? 0) + 4 * (build?.id ?? 0) + 2 * (job?.id ?? 0) + (task?.id ?? 0)
}

/** Those of these blobs to which no row refers, of builds that are newer than `mark` only: see `findReferences`. */
export async function withoutReference(
  { db }: Pick<Deps, 'db'>,
  ids: readonly BlobId[],
  mark: Awaited<ReturnType<typeof readReferenceMark>>,
): Promise<BlobId[]> {
  const referenced = await findReferences(db, ids, mark)
  return ids.filter((id) => !referenced.has(id))
}
