import { LRUCache } from 'lru-cache'
import type { BlobId, BlobStore } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import { inParallel } from '../blobs/in-parallel.ts'
import type { Reader } from '../database/reader.ts'
import type { QueuedTaskId } from '../ids.ts'
import type { ReferenceFilter } from '../storage/reference-filter.ts'
import { listReferences, type BlobReference, type ReferenceScope } from '../storage/list-references.ts'
import type { ByteRate } from './byte-rate.ts'
import { describeReference } from './describe-references.ts'
import type { Finding, Repair } from './finding.ts'

/** References whose files are looked at together. */
const batchSize = 256
/** Content that was looked at a short time ago is not looked at again: builds share most of it. Some 20 MB of memory. */
const maxRemembered = 100_000

export type ReferenceOptions = ReferenceScope & {
  /** Read content, and compare its hash. Otherwise only its length is compared. */
  isHashed: boolean
  rate: ByteRate
  /** Is given each reference. */
  filter: ReferenceFilter | null
  onProgress: (references: number) => void
}

/**
 * Compares what rows say of content with the store: whether it is there, with the length that the row gives. Each content is
 * reported once, unless many thousands are missing.
 */
export async function* checkReferences(
  { db, store }: { db: Reader; store: BlobStore },
  { isHashed, rate, filter, onProgress, ...scope }: ReferenceOptions,
): AsyncGenerator<Finding, void, void> {
  const sizes = new LRUCache<BlobId, { sizeBytes: number | null }>({ max: maxRemembered })
  const reported = new LRUCache<string, true>({ max: maxRemembered })
  let count = 0

  async function* checkBatch(batch: readonly BlobReference[]): AsyncGenerator<Finding, void, void> {
    const unknown = [...new Set(batch.map(({ id }) => id))].filter((id) => !sizes.has(id))
    await inParallel(unknown, async (id) => void sizes.set(id, { sizeBytes: await store.sizeBytes(id) }))
    if (isHashed)
      for (const id of unknown) {
        const reference = batch.find((one) => one.id === id)
        if (!reference || (sizes.get(id)?.sizeBytes ?? null) === null) continue
        const finding = await damageFinding({ db, store }, reference, rate)
        if (!finding) continue
        reported.set(id, true)
        yield finding
      }
    for (const reference of batch) {
      const { id, sizeBytes: expected } = reference
      const found = sizes.get(id)?.sizeBytes ?? null
      if (reported.has(id) || (found !== null && (expected === null || found === expected))) continue
      const finding = await sizeFinding({ db, store }, reference)
      if (!finding) continue
      reported.set(id, true)
      yield finding
    }
  }

  let batch: BlobReference[] = []
  for await (const reference of listReferences(db, scope)) {
    filter?.add(reference.id)
    batch.push(reference)
    count += 1
    if (batch.length < batchSize) continue
    yield* checkBatch(batch)
    batch = []
    onProgress(count)
  }
  yield* checkBatch(batch)
  onProgress(count)
}

const missing = 'its file is missing'

/** Looks again: the row may be gone by now, and the content with it. */
async function sizeFinding(
  { db, store }: { db: Reader; store: BlobStore },
  reference: BlobReference,
): Promise<Finding | null> {
  const { id, sizeBytes: expected } = reference
  const found = await store.sizeBytes(id)
  // After its file was found missing: a collector deletes files whose rows are gone.
  const subject = await describeReference(db, reference, id)
  if (!subject) return null
  if (found === null) {
    const isResult = reference.model === 'QueuedTask'
    return {
      kind: isResult ? 'RESULT_MISSING' : 'BLOB_MISSING',
      damage: { id, problem: 'MISSING', found: missing, state: null },
      subject,
      detail: missing,
      repairs: isResult ? [remake(reference)] : [],
    }
  }
  if (expected === null || found === expected) return null
  const damage = await damageOf(store, id)
  // An upload has replaced it since its length was read.
  if (!damage && (await store.sizeBytes(id)) === expected) return null
  const detail = `it has ${found} bytes instead of ${expected}`
  return {
    kind: 'BLOB_SIZE',
    ...(damage ? { damage: { ...damage, problem: 'SIZE' as const, found: detail } } : {}),
    subject,
    detail: damage ? detail : `its row says ${expected} bytes, and the content, which is whole, has ${found}`,
    repairs: damage ? repairsOf(reference) : [],
  }
}

/** Reads content that a row refers to; null: it is whole, or no longer referred to. */
export async function damageFinding(
  { db, store }: { db: Reader; store: BlobStore },
  reference: Pick<BlobReference, 'model' | 'column' | 'rowId' | 'id'>,
  rate: ByteRate,
): Promise<Finding | null> {
  const { id } = reference
  // Twice: an upload may have replaced the file while it was read.
  const damage = (await damageOf(store, id, rate)) && (await damageOf(store, id, rate))
  // A missing file is found by its length.
  if (!damage || damage.problem === 'MISSING') return null
  const subject = await describeReference(db, reference, id)
  if (!subject) return null
  return {
    kind: 'BLOB_DAMAGED',
    damage,
    subject,
    detail: damage.found,
    repairs: repairsOf(reference),
  }
}

const remake = ({ rowId, id }: Pick<BlobReference, 'rowId' | 'id'>): Repair => ({
  ...{ act: 'MAKE_RESULT_AGAIN', taskId: rowId as QueuedTaskId, sha256: id },
})

function repairsOf(reference: Pick<BlobReference, 'model' | 'rowId' | 'id'>): Repair[] {
  const aside = { act: 'SET_ASIDE', id: reference.id } as const
  return reference.model === 'QueuedTask' ? [aside, remake(reference)] : [aside]
}
