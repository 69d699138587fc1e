import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import {
  toBlobId,
  type BlobId,
  type BlobStore,
  type ListedBlob,
  type StrayFile,
} from '../../../server/blobs/blob-store.ts'
import { DamagedBlobError } from '../../../server/blobs/checked-stream.ts'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import { openS3Store } from '../../../server/blobs/s3/open-s3-store.ts'
import { doubleCredentials, s3Double } from '../../s3/s3-double.ts'

const root = await mkdtemp(join(tmpdir(), 'blobs-'))
afterAll(() => rm(root, { recursive: true }))

/** A store, and what a test can do to its content behind its back. */
type Subject = {
  store: BlobStore
  /** Number of files in the staging folder. */
  stagedFiles: () => Promise<number>
  /** Files of blobs that this process has open; 0 for a store without files. */
  openFiles: () => Promise<number>
  /** Put other bytes in the place of a blob; null: remove it. */
  replace: (id: BlobId, bytes: Uint8Array | null) => Promise<void>
  /** Put something into the store that is no blob. Null: the store cannot hold such. */
  addStray: ((name: string) => Promise<void>) | null
}

/** Every store. A further one is a line here. */
const stores: Record<string, () => Promise<Subject>> = {
  memory: memorySubject,
  disk: diskSubject,
  S3: s3Subject,
}

const double = await s3Double()
afterAll(() => double.close())
const credentialsFile = join(root, 'credentials')
await writeFile(credentialsFile, doubleCredentials)
let prefixes = 0

async function s3Subject(): Promise<Subject> {
  const stagingDir = await mkdtemp(join(root, 'staging-'))
  const prefix = `site-${++prefixes}`
  const { store } = await openS3Store(double.address(prefix), { credentialsFile, stagingDir })
  const keyOf = (name: string) => `${prefix}/blobs/${name}`
  const set = (name: string, bytes: Uint8Array) => {
    const etag = createHash('md5').update(bytes).digest('hex')
    double.objects.set(keyOf(name), { bytes: Buffer.from(bytes), etag, modifiedAt: new Date() })
  }
  return {
    store,
    stagedFiles: async () => (await readdir(stagingDir)).length,
    openFiles: async () => 0,
    async replace(id, bytes) {
      if (bytes) set(`${id.slice(0, 2)}/${id}`, bytes)
      else double.objects.delete(keyOf(`${id.slice(0, 2)}/${id}`))
    },
    addStray: async (name) => set(name, Buffer.from('stray')),
  }
}

async function memorySubject(): Promise<Subject> {
  const blobs = new Map<BlobId, Uint8Array>()
  return {
    store: memoryBlobStore(blobs),
    stagedFiles: async () => 0,
    openFiles: async () => 0,
    replace: async (id, bytes) => void (bytes ? blobs.set(id, bytes) : blobs.delete(id)),
    addStray: null,
  }
}

async function diskSubject(): Promise<Subject> {
  const base = await mkdtemp(join(root, 'store-'))
  const [dir, stagingDir] = [join(base, 'blobs'), join(base, 'staging')]
  const store = diskBlobStore({ dir, stagingDir })
  return {
    store,
    stagedFiles: async () => (await readdir(stagingDir)).length,
    async openFiles() {
      const links = (await readdir('/proc/self/fd').catch(() => [])).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ''),
      )
      return (await Promise.all(links)).filter((path) => path.startsWith(dir)).length
    },
    async replace(id, bytes) {
      if (bytes) await writeFile(store.fileOf(id), bytes)
      else await rm(store.fileOf(id))
    },
    async addStray(name) {
      await mkdir(dirname(join(dir, name)), { recursive: true })
      await writeFile(join(dir, name), 'stray')
    },
  }
}

async function* chunksOf(...chunks: Uint8Array[]) {
  yield* chunks
}

const sha256 = (bytes: Uint8Array) => toBlobId(createHash('sha256').update(bytes).digest('hex'))
const absent = toBlobId('0'.repeat(64))

/** Bytes without a short period, so that pieces in the wrong order are noticed. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((at * 2654435761) % 2 ** 32, at)
  return bytes
}

async function bytesOf(store: BlobStore, id: BlobId, range?: { start: number; end: number }) {
  const stream = await store.open(id, range)
  return stream && buffer(stream)
}

function split(bytes: Buffer, lengths: (index: number) => number): Buffer[] {
  const chunks = []
  for (let at = 0; at < bytes.length;) {
    const length = lengths(chunks.length)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

test.each(['', 'abc', 'A'.repeat(64), 'g'.repeat(64), `${'0'.repeat(64)}\n`, '0'.repeat(65)])(
  '%j is not a blob id',
  (hex) => {
    expect(() => toBlobId(hex)).toThrow('not a blob id')
  },
)

describe.each(Object.entries(stores))('%s blob store', (kind, create) => {
  test('staged bytes are invisible until committed', async () => {
    const { store, stagedFiles } = await create()
    const staged = await store.stage(chunksOf(Uint8Array.of(1, 2, 3)))
    expect(staged).toMatchObject({ id: sha256(Uint8Array.of(1, 2, 3)), sizeBytes: 3 })
    expect(await store.open(staged.id)).toBeNull()
    expect(await store.sizeBytes(staged.id)).toBeNull()
    await store.commit([staged])
    expect(await bytesOf(store, staged.id)).toEqual(Buffer.of(1, 2, 3))
    expect(await store.sizeBytes(staged.id)).toBe(3)
    // Only some stores have files that other processes can read.
    const file = store.fileOf?.(staged.id)
    if (file !== undefined) expect(readFileSync(file)).toEqual(Buffer.of(1, 2, 3))
    await store.discard([staged])
    expect(await stagedFiles()).toBe(0)
    expect(await bytesOf(store, staged.id)).toEqual(Buffer.of(1, 2, 3))
  })

  test.each([
    ['nothing', []],
    ['an empty chunk', [Buffer.alloc(0)]],
    ['one byte at a time', split(pattern(5000), () => 1)],
    [
      'crumbs around large chunks',
      split(pattern(3_000_000), (i) => [7, 700_000, 1, 16_384, 16_383, 0][i % 6]! || 3),
    ],
    ['chunks of 64 KiB', split(pattern(5_000_001), () => 65_536)],
    ['one chunk larger than any buffer', [pattern(7_654_321)]],
  ])('content arrives whole: %s', async (_case, chunks) => {
    const { store } = await create()
    const whole = Buffer.concat(chunks)
    const staged = await store.stage(chunksOf(...chunks))
    await store.commit([staged])
    expect(staged).toMatchObject({ id: sha256(whole), sizeBytes: whole.length })
    expect((await bytesOf(store, staged.id))?.equals(whole)).toBe(true)
  })

  test('a range is read from its start up to its end, exclusive', async () => {
    const { store } = await create()
    const bytes = pattern(600_000)
    const staged = await store.stage(chunksOf(bytes))
    await store.commit([staged])
    for (const [start, end] of [
      [0, 1],
      [0, 600_000],
      [123_456, 456_789],
      [599_999, 600_000],
      [5, 5],
      [600_000, 600_000],
    ] as const) {
      expect((await bytesOf(store, staged.id, { start, end }))?.equals(bytes.subarray(start, end))).toBe(true)
    }
  })

  test.each([
    [-1, 2],
    [0, 4],
    [3, 2],
    [4, 4],
  ])('a range that exceeds the content is refused: %i to %i', async (start, end) => {
    const { store } = await create()
    const staged = await store.stage(chunksOf(Uint8Array.of(1, 2, 3)))
    await store.commit([staged])
    await expect(store.open(staged.id, { start, end })).rejects.toThrow(RangeError)
  })

  test('equal content that is staged twice at once is stored once', async () => {
    const { store, stagedFiles } = await create()
    const twice = await Promise.all([
      store.stage(chunksOf(Uint8Array.of(7, 7), Uint8Array.of(7))),
      store.stage(chunksOf(Uint8Array.of(7), Uint8Array.of(7, 7))),
    ])
    expect(twice[0].id).toBe(twice[1].id)
    await store.commit(twice)
    expect(await bytesOf(store, twice[0].id)).toEqual(Buffer.of(7, 7, 7))
    await store.discard(twice)
    expect(await stagedFiles()).toBe(0)
  })

  test('equal content commits at once from several uploads', async () => {
    const { store, stagedFiles } = await create()
    const contents = [1, 2, 3, 4].map((n) => Buffer.alloc(50_000, n))
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const staged = await Promise.all(contents.map((bytes) => store.stage(chunksOf(bytes))))
        await store.commit(staged)
        await store.discard(staged)
        for (const bytes of contents) expect((await bytesOf(store, sha256(bytes)))?.equals(bytes)).toBe(true)
      }),
    )
    expect(await stagedFiles()).toBe(0)
  })

  test('content that is there already can be committed again', async () => {
    const { store, stagedFiles } = await create()
    const first = await store.stage(chunksOf(Uint8Array.of(9)))
    await store.commit([first])
    const second = await store.stage(chunksOf(Uint8Array.of(9)))
    await store.commit([second])
    await store.discard([first, second])
    expect(await bytesOf(store, first.id)).toEqual(Buffer.of(9))
    expect(await stagedFiles()).toBe(0)
  })

  test('discarded bytes are gone and cannot be committed', async () => {
    const { store, stagedFiles } = await create()
    const staged = await store.stage(chunksOf(Uint8Array.of(4, 2)))
    await store.discard([staged])
    expect(await stagedFiles()).toBe(0)
    await expect(store.commit([staged])).rejects.toThrow('not staged')
    expect(await store.open(staged.id)).toBeNull()
  })

  test('discarding committed blobs does nothing', async () => {
    const { store } = await create()
    const staged = await store.stage(chunksOf(Uint8Array.of(4, 3)))
    await store.commit([staged])
    await store.discard([staged])
    expect(await bytesOf(store, staged.id)).toEqual(Buffer.of(4, 3))
  })

  /** Staged and committed, but not discarded. */
  async function committed(store: BlobStore, ...contents: string[]) {
    const staged = await Promise.all(contents.map((text) => store.stage(chunksOf(Buffer.from(text)))))
    await store.commit(staged)
    return staged
  }
  const textOf = async (store: BlobStore, text: string) =>
    (await bytesOf(store, sha256(Buffer.from(text))))?.toString() ?? null
  const idOf = (text: string) => sha256(Buffer.from(text))

  test('a commit has created those blobs that did not exist before, each once', async () => {
    const { store } = await create()
    await committed(store, 'before')
    const staged = await committed(store, 'before', 'new', 'new', 'other')
    expect(store.createdBy(staged)).toEqual([idOf('new'), idOf('other')])
    await store.discard(staged)
    expect(store.createdBy(staged)).toEqual([idOf('new'), idOf('other')])
    expect(store.createdBy([await store.stage(chunksOf(Buffer.from('only staged')))])).toEqual([])
  })

  test('of commits of equal content at once, one has created it', async () => {
    const { store } = await create()
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(Array.from({ length: 5 }, () => committed(store, `round ${round}`)))
      expect(all.flatMap((staged) => store.createdBy(staged))).toEqual([idOf(`round ${round}`)])
    }
  })

  test('committed bytes that were deleted can be restored until they are discarded', async () => {
    const { store, stagedFiles } = await create()
    await committed(store, 'found')
    const staged = await committed(store, 'found', 'new', 'new', '')
    await store.restore(staged)
    for (let round = 0; round < 3; round++) {
      await store.delete(staged.map(({ id }) => id))
      await store.restore(staged)
      for (const text of ['found', 'new', '']) expect(await textOf(store, text)).toBe(text)
    }
    // What is created anew is not left over by a transaction that fails afterwards.
    expect(store.createdBy(staged).sort()).toEqual(['found', 'new', ''].map(idOf).sort())
    await store.discard(staged)
    await store.discard(staged)
    expect(await textOf(store, 'new')).toBe('new')
    await store.restore(staged.slice(0, 2))
    // The file that the first upload of this test has not discarded.
    expect(await stagedFiles()).toBeLessThanOrEqual(1)
  })

  test('uploads restore shared content at once, while others delete it', async () => {
    const { store } = await create()
    const all = await Promise.all(Array.from({ length: 6 }, () => committed(store, 'shared', 'too')))
    for (let round = 0; round < 20; round++) {
      await store.delete([idOf('shared'), idOf('too')])
      await Promise.all(all.map((staged) => store.restore(staged)))
      expect(await textOf(store, 'shared')).toBe('shared')
      expect(await textOf(store, 'too')).toBe('too')
    }
  })

  test('content may vanish at any moment of a commit', async () => {
    const { store, stagedFiles } = await create()
    for (let round = 0; round < 50; round++) {
      const text = `round ${round}`
      const first = await committed(store, text)
      const [second] = await Promise.all([committed(store, text), store.delete([idOf(text)])])
      await store.restore(second)
      expect(await textOf(store, text)).toBe(text)
      await store.discard([...first, ...second])
    }
    expect(await stagedFiles()).toBe(0)
  })

  test('a stream that fails leaves nothing behind, and its error comes out', async () => {
    const { store, stagedFiles } = await create()
    async function* failing() {
      yield pattern(2_500_000)
      throw new Error('the client left')
    }
    await expect(store.stage(failing())).rejects.toThrow('the client left')
    expect(await stagedFiles()).toBe(0)
  })

  test('a blob that was never stored is absent', async () => {
    const { store } = await create()
    expect(await store.open(absent)).toBeNull()
    expect(await store.open(absent, { start: 0, end: 1 })).toBeNull()
    expect(await store.sizeBytes(absent)).toBeNull()
  })

  test('a commit of nothing is a no-op', async () => {
    const { store } = await create()
    await store.commit([])
  })

  async function put(store: BlobStore, ...contents: Uint8Array[]) {
    const staged = await Promise.all(contents.map((bytes) => store.stage(chunksOf(bytes))))
    await store.commit(staged)
    await store.discard(staged)
    return staged.map(({ id }) => id)
  }
  const listed = (store: BlobStore): Promise<(ListedBlob | StrayFile)[]> =>
    Readable.from(store.list()).toArray()
  const byId = (one: { id: string | null }, other: { id: string | null }) =>
    String(one.id) < String(other.id) ? -1 : 1

  test('an empty range of any blob has no bytes, and an empty blob has no other range', async () => {
    const { store } = await create()
    const [empty, three] = await put(store, Buffer.alloc(0), Buffer.of(1, 2, 3))
    if (!empty || !three) throw new Error('two blobs were put')
    for (const at of [0, 1, 3])
      expect(await bytesOf(store, three, { start: at, end: at })).toEqual(Buffer.alloc(0))
    expect(await bytesOf(store, empty)).toEqual(Buffer.alloc(0))
    expect(await bytesOf(store, empty, { start: 0, end: 0 })).toEqual(Buffer.alloc(0))
    expect(await store.sizeBytes(empty)).toBe(0)
    for (const [start, end] of [
      [0, 1],
      [1, 1],
    ] as const)
      await expect(store.open(empty, { start, end })).rejects.toThrow(RangeError)
  })

  test('a list has every blob once, with its length and time, and nothing that is only staged', async () => {
    const { store } = await create()
    expect(await listed(store)).toEqual([])
    const before = Date.now()
    const contents = Array.from({ length: 200 }, (_, n) => Buffer.alloc(n, n))
    const ids = await put(store, ...contents, contents[7] ?? Buffer.alloc(0))
    const waiting = await store.stage(chunksOf(Buffer.from('staged')))
    const blobs = await listed(store)
    expect(blobs.map(({ id, sizeBytes }) => ({ id, sizeBytes })).sort(byId)).toEqual(
      contents.map((bytes, n) => ({ id: ids[n] ?? null, sizeBytes: bytes.length })).sort(byId),
    )
    // Clocks of file systems tick some times a second.
    for (const { writtenAt } of blobs) {
      expect(writtenAt.getTime()).toBeGreaterThan(before - 2_000)
      expect(writtenAt.getTime()).toBeLessThan(Date.now() + 2_000)
    }
    await store.discard([waiting])
  })

  test('what is deleted is gone, and nothing else; deleting it again does nothing', async () => {
    const { store } = await create()
    const [one, other, third] = await put(store, Buffer.of(1), Buffer.of(2), Buffer.of(3))
    if (!one || !other || !third) throw new Error('three blobs were put')
    await store.delete([one, third])
    await store.delete([one, absent])
    await store.delete([])
    expect(await store.open(one)).toBeNull()
    expect(await store.sizeBytes(one)).toBeNull()
    expect((await listed(store)).map(({ id }) => id)).toEqual([other])
    await put(store, Buffer.of(1))
    expect(await bytesOf(store, one)).toEqual(Buffer.of(1))
  })

  test('blobs can be deleted while they are listed', async () => {
    const { store } = await create()
    const ids = await put(store, ...Array.from({ length: 300 }, (_, n) => Buffer.from(`blob ${n}`)))
    const seen = new Set<string>()
    for await (const { id } of store.list()) {
      if (id === null) continue
      seen.add(id)
      await store.delete([id])
    }
    expect([...seen].sort()).toEqual([...ids].sort())
    expect(await listed(store)).toEqual([])
  })

  test('a reader that began before the deletion reads on to the end', async () => {
    const { store } = await create()
    const bytes = pattern(2_000_000)
    const [id] = await put(store, bytes)
    const stream = await store.open(id ?? absent)
    await store.delete([id ?? absent])
    expect(stream && (await buffer(stream)).equals(bytes)).toBe(true)
  })

  test.each(['stray', 'ab/abc', `ab/${'cd'.repeat(32)}`, `ab/${'AB'.repeat(32)}`, `xy/${'ab'.repeat(32)}`])(
    'a list tells what lies in the store and is no blob: %s',
    async (name) => {
      const { store, addStray } = await create()
      const [id] = await put(store, Buffer.of(5))
      await addStray?.(name)
      const found = (await listed(store)).sort(byId)
      const strays = found.flatMap((one) => (one.id === null ? [one.name] : []))
      // A folder that is no folder of blobs is one stray, whatever it holds. Object stores have no folders.
      const expected = kind === 'disk' && name.startsWith('xy/') ? 'xy' : name
      expect(strays).toEqual(addStray ? [expected] : [])
      expect(found.flatMap((one) => one.id ?? [])).toEqual([id])
    },
  )

  const original = pattern(700_000)
  const changed = (at: number) => {
    const bytes = Buffer.from(original)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes
  }
  const damages: [name: string, bytes: Uint8Array][] = [
    ['its first byte differs', changed(0)],
    ['its last byte differs', changed(699_999)],
    ['it is cut short', original.subarray(0, 600_000)],
    ['it is too long', Buffer.concat([original, Buffer.of(0)])],
    ['it is empty', Buffer.alloc(0)],
  ]

  test.each(damages)('nobody gets a blob as whole when %s', async (_name, bytes) => {
    const { store, replace } = await create()
    const [id = absent] = await put(store, original)
    await replace(id, bytes)
    const read = store.open(id).then((stream) => stream && buffer(stream))
    await expect(read).rejects.toThrow(DamagedBlobError)
  })

  test.each(damages)('an upload of its content mends a blob when %s', async (_name, bytes) => {
    const { store, replace } = await create()
    const [id = absent] = await put(store, original)
    await replace(id, bytes)
    await put(store, original)
    expect((await bytesOf(store, id))?.equals(original)).toBe(true)
  })

  test('a blob whose content was removed is absent, until it is uploaded again', async () => {
    const { store, replace } = await create()
    const [id = absent] = await put(store, original)
    await replace(id, null)
    expect(await store.open(id)).toBeNull()
    expect(await store.sizeBytes(id)).toBeNull()
    expect(await listed(store)).toEqual([])
    await put(store, original)
    expect((await bytesOf(store, id))?.equals(original)).toBe(true)
  })

  test('readers that leave early leave nothing open', async () => {
    const { store, openFiles } = await create()
    const [id = absent] = await put(store, original)
    for (const range of [undefined, { start: 1, end: 699_999 }]) {
      for await (const chunk of (await store.open(id, range)) ?? []) {
        expect((chunk as Buffer).length).toBeGreaterThan(0)
        break
      }
      const unread = await store.open(id, range)
      unread?.destroy()
    }
    await expect.poll(openFiles).toBe(0)
    for await (const { id: first } of store.list()) {
      expect(first).toBe(id)
      break
    }
    await expect.poll(openFiles).toBe(0)
  })
})
