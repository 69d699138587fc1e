import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer, type RunningServer } from '../../server/start-server.ts'
import { alice, basicAuth, bytesOf, projectDir, temporaryDir } from '../app.ts'
import { fillDataDir } from '../durability/data-dir.ts'
import { hub } from '../hub.ts'
import { file, sampleRecord } from '../record.ts'
import { doubleCredentials, s3Double, type S3Double } from '../s3/s3-double.ts'
import { uuidOf } from './graphql-site.ts'

// A site whose content is in an object store: the real server, and the double of a store.

let double: S3Double
let server: RunningServer
let dataDir: string
let env: Record<string, string>

const settingsOf = (dir: string) => ({
  BUILDER_HUB_DATA_DIR: dir,
  BUILDER_HUB_PORT: '0',
  BUILDER_HUB_LOG_LEVEL: 'silent',
  BUILDER_HUB_BLOB_STORE: double.address(),
  BUILDER_HUB_S3_CREDENTIALS_FILE: join(dataDir, 'keys.ini'),
})

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-s3-'))
  double = await s3Double()
  fillDataDir(dataDir)
  writeFileSync(join(dataDir, 'keys.ini'), doubleCredentials)
  env = settingsOf(dataDir)
  server = await startServer(readConfig(env), projectDir)
  return async () => {
    await server.stop()
    await double.close()
    rmSync(dataDir, { recursive: true })
  }
})

const binary = randomBytes(1_500_000)
const path = `/job/hello/build/${uuidOf(1)}/f/bin/hello`
const keyOf = (bytes: Uint8Array) => {
  const id = createHash('sha256').update(bytes).digest('hex')
  return `site/blobs/${id.slice(0, 2)}/${id}`
}

async function upload(n: number, content: Uint8Array): Promise<number> {
  const record = sampleRecord({
    uuid: uuidOf(n),
    job: 'hello',
    artifacts: [file('bin/hello', content), file('notes.txt', 'hello\n')],
  })
  const answer = await fetch(`${server.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: await bytesOf(encodeExecRecord(record)),
  })
  await answer.text()
  return answer.status
}

const get = (of: string, init: RequestInit = {}) =>
  fetch(`${server.url}${of}`, { redirect: 'manual', ...init })

test('uploads put their content into the store, and nothing stays in the data directory', async () => {
  expect(await upload(1, binary)).toBe(201)
  expect(double.objects.get(keyOf(binary))?.bytes.equals(binary)).toBe(true)
  expect(readdirSync(dataDir)).not.toContain('blobs')
  expect(readdirSync(join(dataDir, 'staging')).filter((name) => name.endsWith('.blob'))).toEqual([])
})

test('files are sent whole, in part, by their tag, and for HEAD', async () => {
  const whole = await get(path)
  expect(whole.status).toBe(200)
  expect(Buffer.from(await whole.arrayBuffer()).equals(binary)).toBe(true)
  const part = await get(path, { headers: { Range: 'bytes=1000-1999' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1999/1500000'])
  expect(Buffer.from(await part.arrayBuffer()).equals(binary.subarray(1000, 2000))).toBe(true)
  const etag = whole.headers.get('etag') ?? ''
  expect((await get(path, { headers: { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' } })).status).toBe(
    304,
  )
  const head = await get(path, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '1500000'])
})

test('with redirects, clients get large files from the store itself, but none that browsers show', async () => {
  Object.assign(server.deps.config, { blobRedirect: 'auto' })
  try {
    const answer = await get(path)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store'])
    const location = answer.headers.get('location') ?? ''
    expect(location).toContain(`${double.endpoint}/hub/${keyOf(binary)}?`)
    const stored = await fetch(location, { headers: { Range: 'bytes=0-9' } })
    expect([stored.status, stored.headers.get('content-disposition')]).toEqual([
      206,
      'attachment; filename="hello"',
    ])
    expect(Buffer.from(await stored.arrayBuffer()).equals(binary.subarray(0, 10))).toBe(true)
    expect((await get(path, { method: 'HEAD' })).status).toBe(200)
    expect((await get(path.replace('bin/hello', 'notes.txt'))).status).toBe(200)
  } finally {
    Object.assign(server.deps.config, { blobRedirect: 'never' })
  }
})

test('nobody gets a damaged object as whole, and an upload of its content mends it', async () => {
  const stored = double.objects.get(keyOf(binary))
  const bytes = Buffer.from(binary).fill(0, 1_400_000, 1_400_001)
  bytes[1_400_000] = (binary[1_400_000] ?? 0) ^ 1
  // As a disk damages it: the tag stays.
  double.objects.set(keyOf(binary), { etag: stored?.etag ?? '', modifiedAt: new Date(), bytes })
  const broken = (async () => (await get(path)).arrayBuffer())()
  await expect(broken).rejects.toThrow()
  await server.deps.damage.settled()
  expect((await get(path)).status).toBe(500)
  expect(await upload(2, binary)).toBe(201)
  expect(Buffer.from(await (await get(path)).arrayBuffer()).equals(binary)).toBe(true)
})

test('while the store is away, uploads and downloads are asked to come again, and the server is not ready', async () => {
  double.plan('status 503', { count: 1_000_000 })
  try {
    const [uploaded, downloaded, ready] = await Promise.all([
      upload(3, randomBytes(5_000)),
      get(path),
      get('/health/ready'),
    ])
    expect([uploaded, downloaded.status, ready.status]).toEqual([503, 503, 503])
    expect(await ready.json()).toMatchObject({ checks: { content: { status: 'fail' } } })
    expect((await get('/')).status).toBe(200)
  } finally {
    double.heal()
  }
  expect(await upload(3, randomBytes(5_000))).toBe(201)
  expect((await get('/health/ready')).status).toBe(200)
})

test('commands use the store, and doctor says what it can do', async () => {
  const verified = await hub(['verify', '--full'], { env })
  expect(verified.stdout).toContain('nothing is wrong')
  const examined = await hub(['doctor'], { env })
  expect(examined.stdout).toContain(
    's3://hub/site stores, gives, lists and deletes content (conditional writes: yes',
  )
  const metrics = await server.deps.metrics.registry.metrics()
  expect(metrics).toMatch(/object_store_requests_total\{operation="PutObject",outcome="ok"\} [1-9]/)
})

test('a new site refuses a prefix that another site uses', async () => {
  const other = temporaryDir()
  await expect(startServer(readConfig(settingsOf(other)), projectDir)).rejects.toThrow('name another prefix')
})

test('a site moves its content from the data directory to a store', async () => {
  const dir = temporaryDir()
  fillDataDir(dir)
  const { BUILDER_HUB_BLOB_STORE: _, ...onDisk } = settingsOf(dir)
  const folder = temporaryDir()
  writeFileSync(
    join(folder, 'one.full'),
    await bytesOf(
      encodeExecRecord(sampleRecord({ uuid: uuidOf(9), artifacts: [file('bin/moved', binary)] })),
    ),
  )
  expect(await hub(['import', 'records', folder, '--as', alice.name], { env: onDisk })).toMatchObject({
    status: 0,
  })
  const moved = { ...onDisk, BUILDER_HUB_BLOB_STORE: double.address('moved') }
  await expect(startServer(readConfig(moved), projectDir)).rejects.toThrow('hub migrate-store --blobs')
  const first = await hub(['migrate-store', '--blobs', double.address('moved')], { env: onDisk })
  expect(first).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(', 0 were there already') as string,
  })
  const again = await hub(['migrate-store', '--blobs', double.address('moved')], { env: onDisk })
  expect(again.stdout).toMatch(/^0 files copied \(0 B\), [4-9] were there already/)
  expect((await hub(['verify', '--full'], { env: moved })).stdout).toContain('nothing is wrong')
})
