import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { expect, onTestFinished, test } from 'vitest'
import type { BlobStore } from '../../../server/blobs/blob-store.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import { tarOf } from '../../../server/artifacts/archive.ts'
import { bytesOf } from '../../app.ts'
import { openDropinSite } from '../../dropin/dropin-site.ts'
import { file, sampleRecord } from '../../record.ts'
import { sha256, uuidOf } from '../graphql-site.ts'

const finishedAt = new Date('2026-11-01T10:01:01.500Z')

const contents: Record<string, string> = {
  'bin/hello.hvt': 'a unikernel',
  'bin/sub/tool': 'a tool',
  binx: 'no program',
  empty: '',
  'docs/ünicöde 🐫.txt': 'camel',
  'semi;colon?&#%41 ~$(x)`': 'odd',
  '-rf': 'a dash',
  [`${'long-folder/'.repeat(30)}${'n'.repeat(200)}`]: 'long',
  [`${'s/'.repeat(60)}short`]: 'fits the prefix of ustar',
  'new\nline': 'two lines',
  block: 'x'.repeat(512),
  large: 'y'.repeat(1_000_003),
}

/** A build with these files, in the order in which they were uploaded. */
async function siteWith(files: Record<string, string>) {
  const site = await openDropinSite()
  onTestFinished(site.close)
  const startedAt = new Date('2026-11-01T10:00:00Z')
  const record = (n: number, entries: [string, string][]) =>
    sampleRecord({
      uuid: uuidOf(n),
      startedAt,
      finishedAt,
      artifacts: entries.map(([path, content]) => file(path, content)),
    })
  expect((await site.upload(record(1, Object.entries(files)))).status).toBe(201)
  expect((await site.upload(record(2, Object.entries(files).reverse()))).status).toBe(201)
  return site
}

const pathOf = (n: number) => `/job/hello/build/${uuidOf(n)}/all.tar.gz`

type Entry = Pick<Header, 'name' | 'size' | 'mode' | 'mtime' | 'type'> & { content: string }

async function unpack(tar: AsyncIterable<Uint8Array>): Promise<Entry[]> {
  const found: Entry[] = []
  const reader = extract()
  reader.on('entry', ({ name, size, mode, mtime, type }, stream, next) => {
    bytesOf(stream as AsyncIterable<Uint8Array>).then((bytes) => {
      found.push({ name, size, mode, mtime, type, content: bytes.toString() })
      next()
    }, next)
  })
  const done = new Promise<void>((resolve, reject) => {
    reader.on('finish', () => resolve())
    reader.on('error', reject)
  })
  for await (const chunk of tar) reader.write(chunk)
  reader.end(null)
  await done
  return found
}

test('every artifact is in it: sorted, of the age of the build, programs can be run', async () => {
  const site = await siteWith(contents)
  const { status, headers, body } = await site.ask(pathOf(1))
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'application/gzip',
    'content-disposition': `attachment; filename="hello-${uuidOf(1)}.tar.gz"`,
    'cache-control': 'public, max-age=31536000, immutable',
    'last-modified': finishedAt.toUTCString(),
    'x-content-type-options': 'nosniff',
    'transfer-encoding': 'chunked',
  })
  const entries = await unpack(Readable.from([gunzipSync(body)]))
  const paths = Object.keys(contents).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(entries).toEqual(
    paths.map((name) => ({
      name,
      size: Buffer.byteLength(contents[name] ?? ''),
      mode: name.startsWith('bin/') ? 0o755 : 0o644,
      mtime: new Date('2026-11-01T10:01:01Z'),
      type: 'file',
      content: contents[name],
    })),
  )
})

test('it is the same each time, whatever the order in which the files came', async () => {
  const site = await siteWith(contents)
  const [first, again, other] = [
    await site.ask(pathOf(1)),
    await site.ask(pathOf(1)),
    await site.ask(pathOf(2)),
  ]
  expect(again.body.equals(first.body)).toBe(true)
  expect(other.body.equals(first.body)).toBe(true)
  // No time and no name in gzip's header (RFC 1952 §2.3.1).
  expect([first.body.readUInt32LE(4), first.body[3]]).toEqual([0, 0])
})

test('HEAD and a tag that is known save the making', async () => {
  const site = await siteWith({ a: 'a' })
  const head = await site.ask(pathOf(1), { method: 'HEAD' })
  expect([head.status, head.body.length]).toEqual([200, 0])
  const { etag = '' } = (await site.ask(pathOf(1))).headers
  expect(head.headers.etag).toBe(etag)
  const known = await site.ask(pathOf(1), { headers: { 'If-None-Match': etag } })
  expect([known.status, known.body.length]).toEqual([304, 0])
})

test.each([
  [`/job/hello/build/${uuidOf(9)}/all.tar.gz`],
  [`/job/other/build/${uuidOf(1)}/all.tar.gz`],
  ['/job/hello/build/x/all.tar.gz'],
])('%s is not there', async (path) => {
  const site = await siteWith({ a: 'a' })
  expect((await site.ask(path)).status).toBe(404)
})

test('a build without artifacts is an empty archive', async () => {
  const site = await siteWith({})
  const { body } = await site.ask(pathOf(1))
  expect(await unpack(Readable.from([gunzipSync(body)]))).toEqual([])
})

function hasTar(): boolean {
  try {
    return execFileSync('tar', ['--version']).toString().includes('GNU tar')
  } catch {
    return false
  }
}

test.skipIf(!hasTar())('GNU tar unpacks it, and finds the modes', async () => {
  const site = await siteWith(contents)
  const dir = mkdtempSync(join(tmpdir(), 'unpacked-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'all.tar.gz'), (await site.ask(pathOf(1))).body)
  const errors = execFileSync('sh', ['-c', 'tar xzf all.tar.gz 2>&1'], { cwd: dir }).toString()
  expect(errors).toBe('')
  for (const [path, content] of Object.entries(contents)) {
    expect(readFileSync(join(dir, path), 'utf8'), path).toBe(content)
    expect(statSync(join(dir, path)).mode & 0o111, path).toBe(path.startsWith('bin/') ? 0o111 : 0)
    expect(statSync(join(dir, path)).mtime, path).toEqual(new Date('2026-11-01T10:01:01Z'))
  }
})

/** A store in which every blob is `chunks`, and has that size. */
function storeOf(sizeBytes: number, chunks: () => AsyncIterable<Uint8Array>): BlobStore {
  return {
    ...memoryBlobStore(),
    sizeBytes: async () => sizeBytes,
    open: async () => Readable.from(chunks(), { objectMode: false }),
  }
}

const someHash = 'ab'.repeat(32)

/** The header of a file's entry, as its own reader and the bytes of the tar tell it. */
async function headOf(sizeBytes: number, modifiedAt: Date) {
  const blobs = storeOf(sizeBytes, async function* () {
    yield Buffer.alloc(4096)
  })
  const tar = tarOf({ blobs }, [{ path: 'a', sha256: someHash, sizeBytes }], modifiedAt)
  const head: Buffer[] = []
  const reader = extract()
  const header = new Promise<Header>((resolve) => reader.on('entry', (found) => resolve(found)))
  for await (const chunk of tar) {
    head.push(Buffer.from(chunk))
    reader.write(chunk)
    if (Buffer.concat(head).length >= 2048) break
  }
  return { header: await header, bytes: Buffer.concat(head) }
}

test.each([
  ['8 GiB less a byte', 8 * 1024 ** 3 - 1, false],
  ['8 GiB', 8 * 1024 ** 3, true],
  ['1 TiB and a byte', 1024 ** 4 + 1, true],
])('a file of %s tells its size', async (_case, sizeBytes, isExtended) => {
  const { header, bytes } = await headOf(sizeBytes, finishedAt)
  expect(header.size).toBe(sizeBytes)
  expect(bytes.includes(` size=${sizeBytes}\n`)).toBe(isExtended)
})

test.each(['1969-12-31T23:59:58Z', '0001-01-01T00:00:00Z', '2038-01-19T03:14:08Z', '9999-12-31T23:59:59Z'])(
  'a build that finished %s gives a header that can be read, with the time beside it',
  async (time) => {
    const at = new Date(time)
    const { header, bytes } = await headOf(10, at)
    expect(bytes.includes(` mtime=${at.getTime() / 1000}\n`)).toBe(true)
    expect(header.mtime.getTime()).toBeGreaterThanOrEqual(0)
  },
)

test.each(['../a', '/a', 'a/../b', 'a//b', './a', ''])('the path %j is not packed', async (path) => {
  const blobs = storeOf(0, async function* () {})
  await expect(
    bytesOf(tarOf({ blobs }, [{ path, sha256: someHash, sizeBytes: 0 }], finishedAt)),
  ).rejects.toThrow()
})

test.each([
  ['shorter', 3],
  ['longer', 1],
])('content that is %s than told breaks the archive off', async (_case, sizeBytes) => {
  const blobs = storeOf(sizeBytes, async function* () {
    yield Buffer.from('ab')
  })
  await expect(
    bytesOf(tarOf({ blobs }, [{ path: 'a', sha256: someHash, sizeBytes }], finishedAt)),
  ).rejects.toThrow()
})

test('content that is missing breaks the answer off, and is a failure', async () => {
  const site = await siteWith({ a: 'a', b: 'b' })
  const { blobs } = site.app.deps
  const plain = blobs.open.bind(blobs)
  blobs.open = async (id, range) => (id === sha256('b') ? null : plain(id, range))
  await expect(site.ask(pathOf(1))).rejects.toThrow()
  blobs.open = plain
  expect((await site.ask(pathOf(1))).status).toBe(200)
})

test('a client that does not read holds up the reading, and frees all when it leaves', async () => {
  const site = await siteWith({ endless: 'content', after: 'it' })
  let given = 0
  let isClosed = () => {}
  const closed = new Promise<void>((resolve) => (isClosed = resolve))
  const { open: plain, sizeBytes } = site.app.deps.blobs
  site.app.deps.blobs.sizeBytes = async () => 1024 ** 4
  site.app.deps.blobs.open = async () =>
    Readable.from(
      (async function* () {
        try {
          // Random: gzip must not make little of it.
          for (;;) {
            given += 65_536
            yield crypto.getRandomValues(new Uint8Array(65_536))
          }
        } finally {
          isClosed()
        }
      })(),
      { objectMode: false },
    )
  await site.app.deps.writer.transact([], (tx) =>
    tx.artifact.updateMany({ data: { sizeBytes: BigInt(1024 ** 4) } }),
  )
  const request = httpRequest(new URL(pathOf(1), site.url), { agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject).end()
  })
  await new Promise((resolve) => response.once('readable', resolve))
  // Until nothing more is taken.
  for (let before = -1; before !== given;) {
    before = given
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  expect(given).toBeLessThan(32 * 1024 ** 2)
  response.on('error', () => {})
  response.destroy()
  await closed
  Object.assign(site.app.deps.blobs, { open: plain, sizeBytes })
  expect((await site.ask(pathOf(2), { method: 'HEAD' })).status).toBe(200)
})
