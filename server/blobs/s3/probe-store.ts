import { createHash, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { ObjectStoreError } from './s3-errors.ts'
import type { S3Objects } from './s3-objects.ts'

/** What a store can do beyond what every store does. */
export type StoreFeatures = {
  /** It puts nothing where there is an object, if it is asked so (`If-None-Match: *`). */
  hasConditionalWrites: boolean
  /** It compares content with the hash that it is sent with, and refuses what differs. */
  verifiesHashes: boolean
  /** ETags are the MD5 of the content. */
  areTagsMd5: boolean
}

/** Of a store that nobody has looked at. */
export const noFeatures: StoreFeatures = {
  hasConditionalWrites: false,
  verifiesHashes: false,
  areTagsMd5: false,
}

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

/**
 * Puts, reads, lists and deletes two small objects below `probe/`, so that rights that are missing are noticed at once, and
 * finds out what the store can do. Throws ObjectStoreError if it cannot do what is needed.
 */
export async function probeStore(objects: S3Objects): Promise<StoreFeatures> {
  const [key, emptyKey] = [`probe/${randomUUID()}`, `probe/${randomUUID()}`]
  const bytes = Buffer.from(`Builder Hub looks at what this store can do, ${key}`)
  const source = { bytes, sizeBytes: bytes.length, sha256: digest('sha256', bytes) }
  const nothing = Buffer.alloc(0)
  try {
    await objects.put(key, source)
    await objects.put(emptyKey, { bytes: nothing, sizeBytes: 0, sha256: digest('sha256', nothing) })
    const facts = await objects.head(key)
    const empty = await objects.head(emptyKey)
    if (facts?.sizeBytes !== bytes.length || empty?.sizeBytes !== 0)
      throw new ObjectStoreError('the object store does not give back the lengths of what was put')
    const part = await objects.open(key, { start: 8, end: 11 })
    if (!part || !(await buffer(part.body)).equals(bytes.subarray(8, 11)))
      throw new ObjectStoreError('the object store does not give parts of objects')
    const listed = new Set<string>()
    for await (const one of objects.list('probe/')) listed.add(one.key)
    if (!listed.has(key)) throw new ObjectStoreError('the object store does not list what was put')
    return {
      hasConditionalWrites: await refusesSecond(objects, key, source),
      verifiesHashes: await refusesOtherBytes(objects, key, bytes),
      areTagsMd5: facts.etag === digest('md5', bytes),
    }
  } finally {
    for (const one of [key, emptyKey]) await objects.delete(one)
  }
}

/** A store that does not know the header may also answer with an error. */
async function refusesSecond(objects: S3Objects, key: string, source: Parameters<S3Objects['put']>[1]) {
  try {
    return (await objects.put(key, source, { isNewOnly: true, tries: 1 })) === 'exists'
  } catch (error) {
    if (error instanceof ObjectStoreError) return false
    throw error
  }
}

async function refusesOtherBytes(objects: S3Objects, key: string, bytes: Uint8Array): Promise<boolean> {
  const others = Buffer.from(bytes).reverse()
  const source = { bytes: others, sizeBytes: others.length, sha256: digest('sha256', bytes) }
  try {
    await objects.put(key, source, { tries: 1 })
    return false
  } catch (error) {
    if (error instanceof ObjectStoreError) return true
    throw error
  }
}

/** For the log and the operator. */
export function describeFeatures({
  hasConditionalWrites,
  verifiesHashes,
  areTagsMd5,
}: StoreFeatures): string {
  const yesOrNo = (value: boolean) => (value ? 'yes' : 'no')
  return (
    `conditional writes: ${yesOrNo(hasConditionalWrites)}; hashes verified by the store: ${yesOrNo(verifiesHashes)}; ` +
    `ETags are MD5: ${yesOrNo(areTagsMd5)}`
  )
}
