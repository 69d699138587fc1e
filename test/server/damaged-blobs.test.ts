import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { toBlobId } from '../../server/blobs/blob-store.ts'
import { checkedStream, DamagedBlobError } from '../../server/blobs/checked-stream.ts'
import { damageOf } from '../../server/blobs/damage-of.ts'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { openWhole } from '../../server/blobs/open-whole.ts'
import { testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, n) => n * 7919))

async function* once(chunk: Uint8Array) {
  yield chunk
}

let dir: string
let mended: string[]
let store: ReturnType<typeof openStore>
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'builder-hub-damaged-'))
  mended = []
  store = openStore()
  return () => rmSync(dir, { recursive: true })
})

function openStore() {
  return diskBlobStore({
    dir: join(dir, 'blobs'),
    stagingDir: join(dir, 'staging'),
    onMend: (id) => void mended.push(id),
  })
}

async function put(content: Uint8Array) {
  const staged = await store.stage(once(content))
  await store.commit([staged])
  await store.discard([staged])
  return staged
}

const fileOf = (id: string) => join(dir, 'blobs', id.slice(0, 2), id)

/** Each damage that a disk does, or a person. */
const damages: [name: string, damage: (path: string) => void][] = [
  [
    'its first byte differs',
    (path) => writeFileSync(path, Buffer.concat([Buffer.of(255), bytes.subarray(1)])),
  ],
  [
    'its last byte differs',
    (path) => writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.of(255)])),
  ],
  ['it is too short', (path) => writeFileSync(path, bytes.subarray(0, -1))],
  ['it is too long', (path) => writeFileSync(path, Buffer.concat([bytes, Buffer.of(0)]))],
  ['it is empty', (path) => writeFileSync(path, '')],
]

/** What a reader has got when the stream ends or fails. */
async function readAll(open: () => Promise<AsyncIterable<Uint8Array> | null>) {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of (await open()) ?? []) chunks.push(chunk)
    return { got: Buffer.concat(chunks), error: null }
  } catch (error) {
    return { got: Buffer.concat(chunks), error }
  }
}

test.each(damages)('nobody gets a blob as whole when %s', async (_name, damage) => {
  const { id, sizeBytes } = await put(bytes)
  damage(fileOf(id))
  const { got, error } = await readAll(() => openWhole(store, id, sizeBytes))
  expect(error).toBeInstanceOf(DamagedBlobError)
  expect(got.length).toBeLessThan(sizeBytes)
})

test.each(damages)('a blob is mended by its content when %s', async (_name, damage) => {
  const { id, sizeBytes } = await put(bytes)
  damage(fileOf(id))
  await put(bytes)
  expect(mended).toEqual([id])
  const { got, error } = await readAll(() => openWhole(store, id, sizeBytes))
  expect(error).toBe(null)
  expect(got.equals(bytes)).toBe(true)
})

test('an upload that mended a blob has not created it', async () => {
  const { id } = await put(bytes)
  writeFileSync(fileOf(id), Buffer.alloc(bytes.length))
  const staged = await store.stage(once(bytes))
  await store.commit([staged])
  expect(store.createdBy([staged])).toEqual([])
  expect(sha256(readFileSync(fileOf(id)))).toBe(id)
})

test('a blob that was found to be right is hashed again when its file changes', async () => {
  const { id, sizeBytes } = await put(bytes)
  expect((await readAll(() => openWhole(store, id, sizeBytes))).error).toBe(null)
  writeFileSync(fileOf(id), Buffer.alloc(bytes.length))
  utimesSync(fileOf(id), 1, 1)
  expect((await readAll(() => openWhole(store, id, sizeBytes))).error).toBeInstanceOf(DamagedBlobError)
})

test('a blob is hashed each time that it is read: a disk changes bytes, and no time', async () => {
  const { id, sizeBytes } = await put(bytes)
  utimesSync(fileOf(id), 1, 1)
  expect((await readAll(() => openWhole(store, id, sizeBytes))).error).toBe(null)
  writeFileSync(fileOf(id), Buffer.alloc(bytes.length))
  utimesSync(fileOf(id), 1, 1)
  expect((await readAll(() => openWhole(store, id, sizeBytes))).error).toBeInstanceOf(DamagedBlobError)
  // What was found before does not make an upload trust the file.
  await put(bytes)
  expect(mended).toEqual([id])
})

test('a file that the disk cannot read is damaged', async () => {
  const failing = Readable.from(
    (function* () {
      yield Buffer.from('a')
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
    })(),
  )
  const id = toBlobId('0'.repeat(64))
  const stateOf = async () => 'a state'
  const damage = await damageOf({ stateOf, open: async () => checkedStream(id, failing, () => {}) }, id)
  expect(damage).toMatchObject({ id, problem: 'UNREADABLE', state: 'a state' })
  const other = Object.assign(new Error('too many files'), { code: 'EMFILE' })
  await expect(damageOf({ stateOf, open: () => Promise.reject(other) }, id)).rejects.toBe(other)
})

test('the empty blob is whole', async () => {
  const { id } = await put(Buffer.alloc(0))
  expect((await readAll(() => openWhole(store, id, 0))).error).toBe(null)
})

test('uploads go on when the folder of the blobs is removed, or another one is put in its place', async () => {
  await put(bytes)
  rmSync(join(dir, 'blobs'), { recursive: true })
  const { id } = await put(bytes)
  expect(sha256(readFileSync(fileOf(id)))).toBe(id)
  renameSync(join(dir, 'blobs'), join(dir, 'away'))
  await put(bytes)
  expect(sha256(readFileSync(fileOf(id)))).toBe(id)
})

/** A site with one build, whose blobs are files. */
async function siteWithBuild(): Promise<{ app: TestApp; logged: string[]; uuid: string }> {
  const logged: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) })
  const app = await testApp({ blobs: store, log })
  const record = sampleRecord({ artifacts: [file('bin/a', 'main'), file('lib/large', bytes)] })
  expect((await app.upload(record)).status).toBe(201)
  return { app, logged, uuid: record.uuid }
}

/** The body, or why there is none. */
async function download(url: string) {
  try {
    const response = await fetch(url)
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
  } catch {
    return { status: 'broken off' as const }
  }
}

const flip = (whole: Uint8Array) => Buffer.concat([whole.subarray(0, -1), Buffer.of(7)])

test.each(['f/lib/large', 'exec', 'all.tar.gz'])(
  '…/%s is broken off when content is damaged, then refused, and given again after an upload of the content',
  async (path) => {
    const { app, logged, uuid } = await siteWithBuild()
    const url = `${app.url}/job/hello/build/${uuid}/${path}`
    const { sha256: hash } = await app.deps.db.artifact.findFirstOrThrow({ where: { path: 'lib/large' } })
    writeFileSync(fileOf(hash), flip(readFileSync(fileOf(hash))))
    expect((await download(url)).status).toBe('broken off')
    expect(logged.join()).toContain(`blob ${hash} is damaged: its bytes have the SHA-256`)
    await app.deps.damage.settled()
    const query = `{ build(uuid: "${uuid}") { artifact(path: "lib/large") { isDamaged } } }`
    const isDamaged = async () => (await app.graphql(query)).data.build.artifact.isDamaged
    expect(await isDamaged()).toBe(true)
    const refused = await download(url)
    expect(refused.status).toBe(500)
    expect(String(refused.body)).toContain('this file is damaged on the server: its bytes have the SHA-256')
    // The other file of the build is whole.
    expect((await download(`${app.url}/job/hello/build/${uuid}/f/bin/a`)).status).toBe(200)
    await app.upload(
      sampleRecord({
        uuid: '00000000-0000-4000-8000-00000000beef',
        artifacts: [file('lib/large', bytes)],
      }),
    )
    expect(await isDamaged()).toBe(false)
    expect((await download(url)).status).toBe(200)
  },
)

test('nobody gets a part of marked content, or its length', async () => {
  const { app, uuid } = await siteWithBuild()
  const url = `${app.url}/job/hello/build/${uuid}/f/lib/large`
  const { sha256: hash } = await app.deps.db.artifact.findFirstOrThrow({ where: { path: 'lib/large' } })
  const damaged = flip(readFileSync(fileOf(hash)))
  writeFileSync(fileOf(hash), damaged)
  app.deps.damage.note(new DamagedBlobError(toBlobId(hash), 'HASH', 'its bytes differ'))
  await app.deps.damage.settled()
  for (const init of [{ headers: { Range: 'bytes=0-9' } }, { method: 'HEAD' }, {}])
    expect((await fetch(url, init)).status).toBe(500)
})

test.each([
  ['its file is missing', (path: string) => rmSync(path)],
  ['it has 699999 bytes instead of 700000', (path: string) => writeFileSync(path, bytes.subarray(1))],
])('a download says that %s, and marks it', async (found, damage) => {
  const { app, uuid } = await siteWithBuild()
  const { sha256: hash } = await app.deps.db.artifact.findFirstOrThrow({ where: { path: 'lib/large' } })
  damage(fileOf(hash))
  const { status, body } = await download(`${app.url}/job/hello/build/${uuid}/f/lib/large`)
  expect(status).toBe(500)
  expect(String(body)).toContain(`this file is damaged on the server: ${found}`)
  await app.deps.damage.settled()
  expect(await app.deps.db.damagedBlob.findMany({ select: { sha256: true, detail: true } })).toEqual([
    { sha256: hash, detail: found },
  ])
})

test('content that is whole by now, or whose row is wrong, is not marked', async () => {
  const { app } = await siteWithBuild()
  const { sha256: hash } = await app.deps.db.artifact.findFirstOrThrow({ where: { path: 'lib/large' } })
  for (const problem of ['HASH', 'SIZE', 'MISSING'] as const)
    app.deps.damage.note(new DamagedBlobError(toBlobId(hash), problem, 'it was damaged before'))
  await app.deps.damage.settled()
  expect(await app.deps.db.damagedBlob.count()).toBe(0)
})
