import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { DamagedBlobError } from '../../../server/blobs/checked-stream.ts'
import { inOnePiece } from '../../../server/blobs/in-one-piece.ts'
import { parseS3Address } from '../../../server/blobs/s3/s3-address.ts'
import { s3BlobStore, type S3BlobStoreOptions } from '../../../server/blobs/s3/s3-blob-store.ts'
import { createS3Client, type StoreRequest } from '../../../server/blobs/s3/s3-client.ts'
import { ObjectStoreError } from '../../../server/blobs/s3/s3-errors.ts'
import { openS3Objects } from '../../../server/blobs/s3/open-s3-store.ts'
import { probeStore } from '../../../server/blobs/s3/probe-store.ts'
import { s3Objects } from '../../../server/blobs/s3/s3-objects.ts'
import { temporaryDir } from '../../app.ts'
import { doubleCredentials, s3Double, type Fault, type S3Double } from '../../s3/s3-double.ts'

const content = Buffer.from(Array.from({ length: 700_000 }, (_, n) => (n * 7919) >> 8))
const id = toBlobId(createHash('sha256').update(content).digest('hex'))
const key = `site/blobs/${id.slice(0, 2)}/${id}`

let double: S3Double
let requests: StoreRequest[]
beforeEach(async () => {
  double = await s3Double()
  requests = []
  return () => double.close()
})

function openStore(options: Partial<S3BlobStoreOptions> = {}, server = double) {
  const dir = temporaryDir()
  const credentialsFile = join(dir, 'credentials')
  writeFileSync(credentialsFile, doubleCredentials)
  const place = parseS3Address(server.address())
  const client = createS3Client(place, {
    ...{ credentialsFile, idleMs: 300, maxAttempts: 3 },
    onRequest: (request) => void requests.push(request),
  })
  const features = { hasConditionalWrites: true, verifiesHashes: true, areTagsMd5: true }
  return s3BlobStore({
    objects: s3Objects(client, place),
    stagingDir: join(dir, 'staging'),
    features,
    ...options,
  })
}

async function put(store: ReturnType<typeof openStore>, bytes = content) {
  const staged = await store.stage(inOnePiece(bytes))
  try {
    await store.commit([staged])
    return store.createdBy([staged])
  } finally {
    await store.discard([staged])
  }
}

const read = async (store: ReturnType<typeof openStore>, range?: { start: number; end: number }) => {
  const stream = await store.open(id, range)
  return stream && buffer(stream)
}

test.each<Fault>(['status 500', 'status 503', 'stall', 'reset', 'reset after', 'error with status 200'])(
  'content is put in spite of %s',
  async (fault) => {
    const store = openStore()
    double.plan(fault, { method: 'PUT', count: 2 })
    await put(store)
    expect(double.objects.get(key)?.bytes.equals(content)).toBe(true)
    expect((await read(store))?.equals(content)).toBe(true)
  },
)

test('content that a store has damaged on its way is put again', async () => {
  const lax = await s3Double({ verifiesChecksums: false })
  onTestFinished(() => lax.close())
  const store = openStore({}, lax)
  const set = lax.objects.set.bind(lax.objects)
  let isDamaging = true
  lax.objects.set = (name, stored) => {
    const bytes = isDamaging ? Buffer.from(stored.bytes).fill(1, 0, 5) : stored.bytes
    const etag = createHash('md5').update(bytes).digest('hex')
    // As a store that computes its tag from what has arrived.
    const object = Object.assign(stored, { bytes, etag })
    isDamaging = false
    return set(name, object)
  }
  await put(store)
  expect(lax.objects.get(key)?.bytes.equals(content)).toBe(true)
})

test.each<Fault>(['status 500', 'stall', 'reset', 'reset after', 'truncated body'])(
  'content is read whole in spite of %s, and so is a part of it',
  async (fault) => {
    const store = openStore()
    await put(store)
    for (const range of [undefined, { start: 100_000, end: 600_000 }]) {
      double.plan(fault, { method: 'GET', count: 2 })
      const expected = content.subarray(range?.start, range?.end)
      expect((await read(store, range))?.equals(expected)).toBe(true)
    }
  },
)

test('nobody gets wrong bytes as whole', async () => {
  const store = openStore()
  await put(store)
  double.plan('wrong bytes', { method: 'GET' })
  await expect(read(store)).rejects.toThrow(DamagedBlobError)
  expect((await read(store))?.equals(content)).toBe(true)
})

test('a store that stays broken is an error that says so, and nothing stays behind', async () => {
  const store = openStore()
  await put(store)
  double.plan('status 503', { count: 1_000 })
  for (const call of [
    () => read(store),
    () => store.sizeBytes(id),
    () => store.delete([id]),
    () => put(store, Buffer.from('other')),
    async () => {
      for await (const _ of store.list()) break
    },
  ])
    await expect(call()).rejects.toThrow(ObjectStoreError)
  expect(requests.some(({ outcome }) => outcome === 'error')).toBe(true)
})

test('an error is not taken for an absent object, nor for an empty list', async () => {
  const store = openStore()
  double.plan('status 403', { count: 1 })
  await expect(store.sizeBytes(id)).rejects.toThrow('the object store refuses this')
  double.plan('error with status 200', { count: 3, path: /list-type/ })
  const listing = (async () => {
    for await (const _ of store.list()) break
  })()
  await expect(listing).rejects.toThrow(ObjectStoreError)
})

test('of uploads at two servers at once, one has created the content', async () => {
  const stores = [openStore(), openStore(), openStore()]
  const created = await Promise.all(stores.map((store) => put(store)))
  expect(created.flat()).toEqual([id])
})

test('large content is put in parts, which are removed if that fails', async () => {
  const store = openStore({ maxPutBytes: 300_000, partBytes: 200_000 })
  double.plan('status 500', { method: 'PUT', path: /partNumber=2/, count: 1 })
  await put(store)
  expect(double.objects.get(key)?.bytes.equals(content)).toBe(true)
  expect((await read(store))?.equals(content)).toBe(true)
  double.objects.clear()
  double.plan('status 403', { method: 'PUT', path: /partNumber=3/, count: 1 })
  await expect(put(store)).rejects.toThrow(ObjectStoreError)
  expect([double.uploadCount(), double.objects.size]).toEqual([0, 0])
})

test('damaged content is moved aside while it is what was found damaged', async () => {
  const store = openStore()
  await put(store)
  const state = (await store.stateOf(id)) ?? ''
  expect(await store.setAside?.(id, 'another state')).toEqual({ outcome: 'CHANGED' })
  expect(await store.setAside?.(id, state)).toEqual({
    outcome: 'MOVED',
    to: expect.stringMatching(`^quarantine/${id}`) as string,
  })
  expect(await store.sizeBytes(id)).toBeNull()
  expect(await store.setAside?.(id, state)).toEqual({ outcome: 'ABSENT' })
})

test.each([
  [{}, { hasConditionalWrites: true, verifiesHashes: true, areTagsMd5: true }],
  [
    { conditionalWrites: 'ignored', verifiesChecksums: false, tagsAreMd5: false } as const,
    { hasConditionalWrites: false, verifiesHashes: false, areTagsMd5: false },
  ],
  [
    { conditionalWrites: 'refused' } as const,
    { hasConditionalWrites: false, verifiesHashes: true, areTagsMd5: true },
  ],
])('a probe finds what a store can do: %j', async (rules, features) => {
  const server = await s3Double(rules)
  onTestFinished(() => server.close())
  const dir = temporaryDir()
  writeFileSync(join(dir, 'keys'), doubleCredentials)
  const objects = openS3Objects(server.address(), { credentialsFile: join(dir, 'keys') })
  expect(await probeStore(objects)).toEqual(features)
  expect(server.objects.size).toBe(0)
  const store = openStore({ features }, server)
  expect(await put(store)).toEqual([id])
  expect(await put(store)).toEqual([])
  expect((await read(store))?.equals(content)).toBe(true)
})

test.each<[name: string, given: { bucket?: string; endpoint?: string; keys?: string }, message: string]>([
  ['another bucket', { bucket: 's3://other/site' }, 'create the bucket'],
  ['no server', { endpoint: 'http://127.0.0.1:1' }, 'cannot be used now (ECONNREFUSED)'],
  ['other keys', { keys: doubleCredentials.replace('hub', 'somebody') }, 'refuses this (AccessDenied, 403)'],
  ['no keys', { keys: '[other]\n' }, '--s3-credentials-file'],
])('a probe says what is wrong: %s', async (_name, { bucket, endpoint, keys }, message) => {
  const dir = temporaryDir()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'keys'), keys ?? doubleCredentials)
  const address = `${bucket ?? 's3://hub/site'}?endpoint=${endpoint ?? double.endpoint}`
  const objects = openS3Objects(address, { credentialsFile: join(dir, 'keys'), maxAttempts: 1 })
  await expect(probeStore(objects)).rejects.toThrow(message)
})
