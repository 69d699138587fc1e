import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobId, type BlobStore, type Staged } from '../blob-store.ts'
import { checkedStream, DamagedBlobError } from '../checked-stream.ts'
import { hashFile } from '../hash-file.ts'
import { inParallel } from '../in-parallel.ts'
import { stagingFolder } from '../staging-folder.ts'
import { asStorageError } from '../storage-full.ts'
import { createTurns } from './one-at-a-time.ts'
import { noFeatures, type StoreFeatures } from './probe-store.ts'
import type { ObjectFacts, S3Objects } from './s3-objects.ts'

export type S3BlobStore = BlobStore & {
  /** Delete what a crash left of uploads. Call it before the first one. Returns the number of files. */
  sweepStaging(): Promise<number>
}

export type S3BlobStoreOptions = {
  objects: S3Objects
  stagingDir: string
  features?: StoreFeatures
  onMend?: (id: BlobId) => void
  maxPutBytes?: number
  partBytes?: number
}

/** Requests of one upload at a time: each waits for the network only. */
const parallelRequests = 16

/** Some 20 MB of memory. */
const maxIntactObjects = 100_000

/** The key of a blob. */
export const blobKey = (id: BlobId): string => `blobs/${id.slice(0, 2)}/${id}`
const stateOfFacts = ({ etag, sizeBytes, modifiedAt }: ObjectFacts) =>
  `${etag} ${sizeBytes} ${modifiedAt.getTime()}`

/**
 * Blobs as objects `blobs/ab/abcdef…`, named by their hash. Uploads are staged in files of this machine: their hash and their
 * length are needed before they are put. They stay until they are discarded, so that what is deleted meanwhile can be put again.
 *
 * Nothing that a store says is trusted alone: what was put is compared by its hash or its MD5, as far as the store tells
 * them, and otherwise by its length; what is read as a whole is hashed.
 */
export function s3BlobStore({
  objects,
  stagingDir,
  features = noFeatures,
  onMend,
  ...putting
}: S3BlobStoreOptions): S3BlobStore {
  const staging = stagingFolder(stagingDir)
  const inTurn = createTurns<BlobId>()
  const creators = new WeakSet<Staged>()
  /** The state of each object whose content was found to be right. */
  const intact = new LRUCache<BlobId, string>({ max: maxIntactObjects })
  /** They are read before they are trusted again. */
  const doubted = new LRUCache<BlobId, true>({ max: maxIntactObjects })

  async function publish(one: Staged, file: string): Promise<void> {
    const { id, sizeBytes } = one
    const found = await objects.head(blobKey(id))
    if (found && (await isIntact(one, file, found))) return
    const outcome = await objects.put(
      blobKey(id),
      { file, sizeBytes, sha256: id },
      {
        ...putting,
        areTagsMd5: features.areTagsMd5,
        isNewOnly: features.hasConditionalWrites && !found,
      },
    )
    doubted.delete(id)
    if (found) onMend?.(id)
    else if (outcome === 'put') creators.add(one)
  }

  async function isIntact({ id, sizeBytes }: Staged, file: string, found: ObjectFacts): Promise<boolean> {
    if (found.sizeBytes !== sizeBytes) return false
    if (doubted.has(id)) return isReadWhole(id)
    const state = stateOfFacts(found)
    if (intact.get(id) === state) return true
    if (found.sha256 !== null && found.sha256 !== id) return false
    const tellsMd5 = found.sha256 === null && features.areTagsMd5 && !found.etag.includes('-')
    if (tellsMd5 && (await hashFile(file, 'md5')) !== found.etag) return false
    intact.set(id, state)
    return true
  }

  async function isReadWhole(id: BlobId): Promise<boolean> {
    try {
      const content = await openWhole(id)
      if (!content) return false
      await finished(content.resume())
      return true
    } catch (error) {
      if (error instanceof DamagedBlobError) return false
      throw error
    }
  }

  async function openWhole(id: BlobId): Promise<Readable | null> {
    const found = await objects.open(blobKey(id))
    return found && checkedStream(id, found.body, () => doubted.delete(id))
  }

  async function openNothing(id: BlobId, at: number): Promise<Readable | null> {
    const found = await objects.head(blobKey(id))
    if (found && (at < 0 || at > found.sizeBytes))
      throw new RangeError(`byte ${at} of blob ${id}, which has ${found.sizeBytes}`)
    return found && Readable.from([], { objectMode: false })
  }

  const sizeBytes = async (id: BlobId) => (await objects.head(blobKey(id)))?.sizeBytes ?? null

  return {
    sizeBytes,
    stage: (chunks) => staging.stage(chunks),
    discard: (staged) => staging.discard(staged),
    ping: objects.ping,

    async commit(staged) {
      const all = staging.withFiles(staged)
      try {
        await inParallel(all, ({ one, file }) => inTurn(one.id, () => publish(one, file)), parallelRequests)
      } catch (error) {
        await staging.discard(staged)
        throw asStorageError(error)
      }
    },

    async restore(staged) {
      const restored = await inParallel(
        staged,
        async (one) => {
          if ((await sizeBytes(one.id)) === one.sizeBytes) return []
          const [{ file } = { file: '' }] = staging.withFiles([one])
          await inTurn(one.id, () => publish(one, file))
          return [one.id]
        },
        parallelRequests,
      )
      return restored.flat()
    },

    createdBy: (staged) => [...new Set(staged.filter((one) => creators.has(one)).map(({ id }) => id))],

    async open(id, range) {
      if (!range) return openWhole(id)
      const { start, end } = range
      if (start === end) return openNothing(id, start)
      if (start < 0 || start > end) throw new RangeError(`bytes ${start} to ${end} of blob ${id}`)
      const found = await objects.open(blobKey(id), range)
      if (!found || end - start < found.totalBytes) return found && found.body
      return checkedStream(id, found.body, () => doubted.delete(id))
    },

    presign: (id, fileName) => objects.presign(blobKey(id), fileName),

    async stateOf(id) {
      const found = await objects.head(blobKey(id))
      return found && stateOfFacts(found)
    },

    async *list(digits) {
      for await (const { key, sizeBytes: size, modifiedAt } of objects.list(`blobs/${digits ?? ''}`)) {
        const [, folder, name] = /^blobs\/([0-9a-f]{2})\/([0-9a-f]{64})$/.exec(key) ?? []
        if (folder !== undefined && name?.startsWith(folder) === true) {
          yield { id: toBlobId(name), sizeBytes: size, writtenAt: modifiedAt }
          continue
        }
        // The time of a list may be more exact than that of the object itself.
        const facts = await objects.head(key)
        if (facts)
          yield {
            ...{ id: null, name: key.slice('blobs/'.length), sizeBytes: size, writtenAt: modifiedAt },
            state: stateOfFacts(facts),
          }
      }
    },

    async delete(ids) {
      await inParallel(ids, (id) => objects.delete(blobKey(id)), parallelRequests)
    },

    forget(ids) {
      for (const id of ids) {
        intact.delete(id)
        doubted.set(id, true)
      }
    },

    async setAside(name, state) {
      const key = /^[0-9a-f]{64}$/.test(name) ? blobKey(toBlobId(name)) : `blobs/${name}`
      const found = await objects.head(key)
      if (!found) return { outcome: 'ABSENT' }
      if (stateOfFacts(found) !== state) return { outcome: 'CHANGED' }
      const to = `quarantine/${name.replaceAll('/', '-')}.${Date.now()}`
      await objects.copy(key, to)
      await objects.delete(key)
      return { outcome: 'MOVED', to }
    },

    async sweepStaging() {
      // Not every store has a list of uploads in parts, and it is no reason not to start.
      await objects.abortStaleUploads(new Date()).catch(() => {})
      return staging.sweep()
    },
  }
}
