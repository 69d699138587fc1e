import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore, ListedBlob, StrayFile } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Reader } from '../database/reader.ts'
import { graceOfUploadsMs, withoutReference } from '../storage/collect-blobs.ts'
import type { ReferenceMark } from '../storage/find-references.ts'
import type { ReferenceFilter } from '../storage/reference-filter.ts'
import type { ByteRate } from './byte-rate.ts'
import { damageFinding } from './check-references.ts'
import { findReferringRows } from './describe-references.ts'
import type { Finding } from './finding.ts'

const batchSize = 100

export type StoreOptions = {
  isHashed: boolean
  rate: ByteRate
  /** Has every reference that was there at the mark. */
  filter: ReferenceFilter
  mark: ReferenceMark
  onProgress: (listed: { count: number; bytes: number }) => void
}

/** Goes through the store: what has no reference, what is no blob, and with `isHashed` what has another hash. */
export async function* checkStore(
  { db, store }: { db: Reader; store: BlobStore },
  { isHashed, rate, filter, mark, onProgress }: StoreOptions,
): AsyncGenerator<Finding, void, void> {
  const writtenBefore = Date.now() - graceOfUploadsMs
  const listed = { count: 0, bytes: 0 }
  let untracked: ListedBlob[] = []
  let damaged: ListedBlob[] = []

  async function* report(): AsyncGenerator<Finding, void, void> {
    const without = new Set(
      await withoutReference(
        { db },
        untracked.map(({ id }) => id),
        mark,
      ),
    )
    for (const { id, sizeBytes } of untracked)
      if (without.has(id))
        yield {
          kind: 'UNTRACKED_BLOB',
          subject: { sha256: id },
          detail: `nothing refers to it; it has ${sizeBytes} bytes`,
          repairs: [{ act: 'COLLECT' }],
        }
    if (damaged.length > 0) {
      const rows = await findReferringRows(
        db,
        damaged.map(({ id }) => id),
      )
      for (const { id } of damaged) {
        const row = rows.get(id)
        const finding = row && (await damageFinding({ db, store }, { ...row, id }, rate))
        if (finding) yield finding
      }
    }
    untracked = []
    damaged = []
  }

  for await (const one of store.list()) {
    if (one.id === null) {
      yield strayFinding(one)
      continue
    }
    listed.count += 1
    listed.bytes += one.sizeBytes
    if (!filter.mayHave(one.id)) {
      if (one.writtenAt.getTime() <= writtenBefore) untracked.push(one)
    } else if (isHashed && (await damageOf(store, one.id, rate))) damaged.push(one)
    if (listed.count % batchSize === 0) onProgress(listed)
    if (untracked.length >= batchSize || damaged.length >= batchSize) yield* report()
  }
  yield* report()
  onProgress(listed)
}

const strayFinding = ({ name, sizeBytes, state }: StrayFile): Finding => ({
  kind: 'STRAY_FILE',
  subject: { file: name },
  detail: `it is no blob; it has ${sizeBytes} bytes`,
  repairs: [{ act: 'SET_STRAY_ASIDE', name, state }],
})

/** Files in the staging folder that no upload can be writing any more. */
export async function* checkStaging(stagingDir: string): AsyncGenerator<Finding, void, void> {
  const writtenBefore = Date.now() - graceOfUploadsMs
  for (const name of await unlessGone(readdir(stagingDir), [])) {
    const stats = await unlessGone(stat(join(stagingDir, name)), null)
    if (!stats || stats.mtimeMs > writtenBefore) continue
    yield {
      kind: 'STAGED_LEFTOVER',
      subject: { file: join(stagingDir, name) },
      detail: `an upload left it on ${stats.mtime.toISOString()}; it has ${stats.size} bytes`,
      repairs: [{ act: 'EMPTY_STAGING', file: join(stagingDir, name) }],
    }
  }
}

async function unlessGone<Value, Otherwise>(
  reading: Promise<Value>,
  otherwise: Otherwise,
): Promise<Value | Otherwise> {
  try {
    return await reading
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return otherwise
    throw error
  }
}
