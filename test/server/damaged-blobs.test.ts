import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { DamagedBlobError } from '../../server/blobs/checked-stream.ts'
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

test('a blob that was found to be right is not hashed again', async () => {
  const { id, sizeBytes } = await put(bytes)
  utimesSync(fileOf(id), 1, 1)
  await buffer(await openWhole(store, id, sizeBytes))
  // Length, time and inode are what they were: only a new hash would tell.
  writeFileSync(fileOf(id), Buffer.alloc(bytes.length))
  utimesSync(fileOf(id), 1, 1)
  expect((await readAll(() => openWhole(store, id, sizeBytes))).error).toBe(null)
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

test.each(['f/lib/large', 'exec', 'all.tar.gz'])(
  '…/%s is broken off when content is damaged',
  async (path) => {
    const { app, logged, uuid } = await siteWithBuild()
    const url = `${app.url}/job/hello/build/${uuid}/${path}`
    const { sha256: hash, sizeBytes } = await app.deps.db.artifact.findFirstOrThrow({
      where: { path: 'lib/large' },
    })
    const whole = readFileSync(fileOf(hash))
    writeFileSync(fileOf(hash), Buffer.concat([whole.subarray(0, -1), Buffer.of(7)]))
    const damaged = await download(url)
    expect(damaged.status).toBe('broken off')
    expect(logged.join()).toContain(`blob ${hash} is damaged: its bytes have the SHA-256`)
    writeFileSync(fileOf(hash), whole.subarray(1))
    expect((await download(url)).status).not.toBe(200)
    expect(logged.join()).toContain(`it has ${Number(sizeBytes) - 1} bytes instead of ${sizeBytes}`)
    rmSync(fileOf(hash))
    expect((await download(url)).status).not.toBe(200)
    expect(logged.join()).toContain(`blob ${hash} is damaged: its file is missing`)
    await app.upload(
      sampleRecord({
        uuid: '00000000-0000-4000-8000-00000000beef',
        artifacts: [file('lib/large', bytes)],
      }),
    )
    expect((await download(url)).status).toBe(200)
  },
)
