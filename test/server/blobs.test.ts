import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { toBlobId, type BlobId, type BlobStore } from '../../server/blobs/blob-store.ts'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'

const root = await mkdtemp(join(tmpdir(), 'blobs-'))
afterAll(() => rm(root, { recursive: true }))

/** `stagedFiles` counts what waits in the staging folder. */
type Subject = { store: BlobStore; stagedFiles: () => Promise<number> }

const stores: Record<string, () => Promise<Subject>> = {
  memory: async () => ({ store: memoryBlobStore(), stagedFiles: async () => 0 }),
  disk: async () => {
    const base = await mkdtemp(join(root, 'store-'))
    const stagingDir = join(base, 'staging')
    const store = diskBlobStore({ dir: join(base, 'blobs'), stagingDir })
    return { store, stagedFiles: async () => (await readdir(stagingDir)).length }
  },
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

describe.each(Object.entries(stores))('%s blob store', (_name, create) => {
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
    const file = store.fileOf(staged.id)
    if (file !== null) expect(readFileSync(file)).toEqual(Buffer.of(1, 2, 3))
    expect(await stagedFiles()).toBe(0)
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
    expect(await stagedFiles()).toBe(0)
  })

  test('equal content commits at once from several uploads', async () => {
    const { store, stagedFiles } = await create()
    const contents = [1, 2, 3, 4].map((n) => Buffer.alloc(50_000, n))
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await store.commit(await Promise.all(contents.map((bytes) => store.stage(chunksOf(bytes)))))
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

  /** Staged and committed, but neither kept nor withdrawn. */
  async function committed(store: BlobStore, ...contents: string[]) {
    const staged = await Promise.all(contents.map((text) => store.stage(chunksOf(Buffer.from(text)))))
    await store.commit(staged)
    return staged
  }
  const textOf = async (store: BlobStore, text: string) =>
    (await bytesOf(store, sha256(Buffer.from(text))))?.toString() ?? null

  test('withdrawn blobs are deleted, unless they existed before', async () => {
    const { store } = await create()
    await store.keep(await committed(store, 'before'))
    await store.withdraw(await committed(store, 'before', 'new', 'new'))
    expect(await textOf(store, 'before')).toBe('before')
    expect(await textOf(store, 'new')).toBeNull()
    await store.keep(await committed(store, 'new'))
    expect(await textOf(store, 'new')).toBe('new')
  })

  test('blobs that were kept or never committed cannot be withdrawn', async () => {
    const { store } = await create()
    const kept = await committed(store, 'kept')
    await store.keep(kept)
    await store.withdraw(kept)
    await store.withdraw([await store.stage(chunksOf(Buffer.from('kept')))])
    expect(await textOf(store, 'kept')).toBe('kept')
  })

  test.each([
    ['keeps it before the first withdraws', 'keep', 'withdraw', 'shared'],
    ['keeps it after the first withdraws', 'withdraw', 'keep', 'shared'],
    ['withdraws it, too', 'withdraw', 'withdraw', null],
  ] as const)('of two uploads that share content the second %s', async (_case, one, other, left) => {
    const { store } = await create()
    const first = await committed(store, 'shared')
    const second = await committed(store, 'shared')
    const [earlier, later] = one === 'keep' ? [second, first] : [first, second]
    await store[one](earlier)
    expect(await textOf(store, 'shared')).toBe('shared')
    await store[other](later)
    expect(await textOf(store, 'shared')).toBe(left)
  })

  test('an upload that comes while content is withdrawn does not lose it', async () => {
    const { store, stagedFiles } = await create()
    for (let round = 0; round < 50; round++) {
      const text = `round ${round}`
      const first = await committed(store, text)
      const [second] = await Promise.all([committed(store, text), store.withdraw(first)])
      await store.keep(second)
      expect(await textOf(store, text)).toBe(text)
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
})
