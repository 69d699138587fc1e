import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { VanishedBlobError } from '../../../server/blobs/blob-store.ts'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import type { FileSystem } from '../../../server/blobs/durable-folders.ts'
import { StorageFullError } from '../../../server/errors.ts'

const root = await nodeFs.mkdtemp(join(tmpdir(), 'blobs-disk-'))
afterAll(() => nodeFs.rm(root, { recursive: true }))

let dir: string
let stagingDir: string
beforeEach(async () => {
  const base = await nodeFs.mkdtemp(join(root, 'store-'))
  dir = join(base, 'blobs')
  stagingDir = join(base, 'staging')
})

async function* chunksOf(...chunks: Uint8Array[]) {
  yield* chunks
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await nodeFs.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/**
 * The real file system, which notes its calls; `fault` may throw in place of one. Paths of a call
 * on an open file are those it was opened by.
 */
function watchedFs(fault: (call: string, path: string) => void = () => {}) {
  const calls: string[] = []
  const note = (call: string, path: string) => {
    calls.push(`${call} ${path}`)
    fault(call, path)
  }
  const fs: FileSystem = {
    ...nodeFs,
    async open(path, flags, mode) {
      note('open', String(path))
      const handle = await nodeFs.open(path, flags, mode)
      return new Proxy(handle, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key)
          if (typeof value !== 'function') return value
          return (...args: unknown[]): unknown => {
            if (key === 'writev' || key === 'sync') note(key, String(path))
            return Reflect.apply(value, target, args)
          }
        },
      })
    },
    async link(from, to) {
      note('link', String(to))
      await nodeFs.link(from, to)
    },
    async rename(from, to) {
      note('rename', String(to))
      await nodeFs.rename(from, to)
    },
  }
  return { fs, calls }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

test('a blob lies under the first two digits of its hash, and nothing else does', async () => {
  const store = diskBlobStore({ dir, stagingDir })
  const staged = await store.stage(chunksOf(Buffer.from('abc')))
  await store.commit([staged])
  expect(await filesUnder(dir)).toEqual([
    join(dir, 'ba', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
  ])
})

test('content is on the disk before its name is, and its name before the commit ends', async () => {
  const { fs, calls } = watchedFs()
  const store = diskBlobStore({ dir, stagingDir, fs })
  const staged = await store.stage(chunksOf(Buffer.from('abc')))
  await store.commit([staged])
  const folder = join(dir, 'ba')
  const order = [
    calls.findIndex((call) => call.startsWith(`sync ${stagingDir}`)),
    calls.indexOf(`link ${join(folder, staged.id)}`),
    calls.indexOf(`sync ${folder}`),
  ]
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  // The folder is new: its own name has to last, too.
  expect(calls).toContain(`sync ${dir}`)
})

test('a blob that is there is not written again, but its name is made durable', async () => {
  const first = diskBlobStore({ dir, stagingDir })
  await first.commit([await first.stage(chunksOf(Buffer.from('abc')))])
  const { fs, calls } = watchedFs()
  const store = diskBlobStore({ dir, stagingDir, fs })
  await store.commit([await store.stage(chunksOf(Buffer.from('abc')))])
  expect(calls.filter((call) => /^(link|rename)/.test(call))).toEqual([])
  expect(calls).toContain(`sync ${join(dir, 'ba')}`)
})

test('a blob of the wrong length is replaced', async () => {
  const store = diskBlobStore({ dir, stagingDir })
  const staged = await store.stage(chunksOf(Buffer.from('abc')))
  await nodeFs.mkdir(join(dir, 'ba'), { recursive: true })
  await nodeFs.writeFile(join(dir, 'ba', staged.id), 'ab')
  await store.commit([staged])
  expect(await nodeFs.readFile(join(dir, 'ba', staged.id), 'utf8')).toBe('abc')
})

test('a write that takes only a part is continued', async () => {
  const fs: FileSystem = {
    ...nodeFs,
    async open(path, flags, mode) {
      const handle = await nodeFs.open(path, flags, mode)
      handle.writev = async (buffers) => {
        const [first = Buffer.alloc(0)] = buffers
        const { bytesWritten } = await handle.write(first, 0, Math.min(1000, first.byteLength))
        return { bytesWritten, buffers }
      }
      return handle
    },
  }
  const store = diskBlobStore({ dir, stagingDir, fs })
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251))
  const staged = await store.stage(chunksOf(bytes.subarray(0, 17_000), bytes.subarray(17_000)))
  await store.commit([staged])
  expect(await nodeFs.readFile(join(dir, staged.id.slice(0, 2), staged.id))).toEqual(bytes)
})

test('the sweep removes whatever is in the staging folder, and no blob', async () => {
  const crashed = diskBlobStore({ dir, stagingDir })
  const kept = await crashed.stage(chunksOf(Buffer.from('kept')))
  await crashed.commit([kept])
  await crashed.discard([kept])
  await crashed.stage(chunksOf(Buffer.from('left over')))
  await nodeFs.writeFile(join(stagingDir, 'console.spool'), 'left over')
  const store = diskBlobStore({ dir, stagingDir })
  expect(await store.sweepStaging()).toBe(2)
  expect(await nodeFs.readdir(stagingDir)).toEqual([])
  expect(await filesUnder(dir)).toHaveLength(1)
})

test('the sweep makes the staging folder of a fresh start', async () => {
  expect(await diskBlobStore({ dir, stagingDir }).sweepStaging()).toBe(0)
  expect(await nodeFs.readdir(stagingDir)).toEqual([])
})

describe.each(['EPERM', 'ENOTSUP', 'EMLINK'])('on a file system whose links fail with %s', (code) => {
  const openStore = () => {
    const { fs } = watchedFs((call) => {
      if (call === 'link') throw systemError(code)
    })
    return diskBlobStore({ dir, stagingDir, fs })
  }

  test('content is stored, and its creator is known', async () => {
    const store = openStore()
    const staged = await store.stage(chunksOf(Buffer.from('abc')))
    await store.commit([staged])
    await store.restore([staged])
    expect(store.createdBy([staged])).toEqual([staged.id])
    expect(await nodeFs.readFile(store.fileOf(staged.id), 'utf8')).toBe('abc')
    await store.discard([staged])
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('content that an upload created cannot be restored: the upload has to be sent again', async () => {
    const store = openStore()
    const staged = await store.stage(chunksOf(Buffer.from('abc')))
    await store.commit([staged])
    await store.delete([staged.id])
    await expect(store.restore([staged])).rejects.toThrow(VanishedBlobError)
  })

  test('content that an upload found can be restored', async () => {
    const store = openStore()
    await store.commit([await store.stage(chunksOf(Buffer.from('abc')))])
    const staged = await store.stage(chunksOf(Buffer.from('abc')))
    await store.commit([staged])
    await store.delete([staged.id])
    await store.restore([staged])
    expect(await nodeFs.readFile(store.fileOf(staged.id), 'utf8')).toBe('abc')
  })
})

describe('a damaged blob', () => {
  const content = Buffer.from('abc')
  const readBlob = (path: string) => nodeFs.readFile(path, 'utf8')

  /** A store with a blob whose file is damaged, and the state of this file. */
  async function damagedStore(fs?: FileSystem) {
    const quarantineDir = join(dir, '..', 'quarantine')
    const store = diskBlobStore({ dir, stagingDir, quarantineDir, ...(fs ? { fs } : {}) })
    const staged = await store.stage(chunksOf(content))
    await store.commit([staged])
    await store.discard([staged])
    await nodeFs.writeFile(store.fileOf(staged.id), 'abd')
    store.forget?.([staged.id])
    return { store, id: staged.id, quarantineDir, state: (await store.stateOf(staged.id)) ?? '' }
  }

  test('is moved out of the store while it has the state that was looked at', async () => {
    const { store, id, quarantineDir, state } = await damagedStore()
    expect(await store.setAside?.(id, state)).toMatchObject({ outcome: 'MOVED' })
    expect(await filesUnder(dir)).toEqual([])
    expect(await Promise.all((await filesUnder(quarantineDir)).map(readBlob))).toEqual(['abd'])
    expect(await store.setAside?.(id, state)).toEqual({ outcome: 'ABSENT' })
  })

  test('stays when an upload has replaced it meanwhile', async () => {
    const { store, id, quarantineDir, state } = await damagedStore()
    const staged = await store.stage(chunksOf(content))
    await store.commit([staged])
    expect(await store.setAside?.(id, state)).toEqual({ outcome: 'CHANGED' })
    expect(await readBlob(store.fileOf(id))).toBe('abc')
    expect(await filesUnder(quarantineDir)).toEqual([])
  })

  test.each([false, true])(
    'that an upload replaces while it is moved comes back (without links: %s)',
    async (noLinks) => {
      let replace: (() => void) | null = null
      const { fs } = watchedFs((call, path) => {
        if (call === 'link' && noLinks && path.startsWith(dir)) throw systemError('EPERM')
        if (call !== 'rename' || !path.includes('quarantine')) return
        replace?.()
        replace = null
      })
      const { store, id, quarantineDir, state } = await damagedStore(fs)
      const whole = join(stagingDir, 'whole')
      await nodeFs.writeFile(whole, content)
      replace = () => renameSync(whole, store.fileOf(id))
      expect(await store.setAside?.(id, state)).toEqual({ outcome: 'CHANGED' })
      expect(await readBlob(store.fileOf(id))).toBe('abc')
      expect(await filesUnder(quarantineDir)).toEqual([])
    },
  )

  test('that an upload has replaced is put back by it if somebody moves it away', async () => {
    const { store, id } = await damagedStore()
    const staged = await store.stage(chunksOf(content))
    await store.commit([staged])
    expect(await readBlob(store.fileOf(id))).toBe('abc')
    expect(await filesUnder(stagingDir)).toHaveLength(1)
    await store.setAside?.(id, (await store.stateOf(id)) ?? '')
    expect(await store.restore([staged])).toEqual([id])
    expect(await readBlob(store.fileOf(id))).toBe('abc')
    await store.discard([staged])
    expect(await filesUnder(stagingDir)).toEqual([])
  })
})

test('another failure of a link is an error', async () => {
  const { fs } = watchedFs((call) => {
    if (call === 'link') throw systemError('EIO')
  })
  const store = diskBlobStore({ dir, stagingDir, fs })
  await expect(store.commit([await store.stage(chunksOf(Buffer.from('abc')))])).rejects.toMatchObject({
    code: 'EIO',
  })
  expect(await filesUnder(stagingDir)).toEqual([])
})

test('restored content is on the disk before the transaction goes on', async () => {
  const { fs, calls } = watchedFs()
  const store = diskBlobStore({ dir, stagingDir, fs })
  const staged = await store.stage(chunksOf(Buffer.from('abc')))
  await store.commit([staged])
  await store.delete([staged.id])
  calls.length = 0
  await store.restore([staged])
  const folder = join(dir, 'ba')
  const order = [
    calls.findIndex((call) => call.startsWith(`sync ${stagingDir}`)),
    calls.indexOf(`link ${join(folder, staged.id)}`),
    calls.indexOf(`sync ${folder}`),
  ]
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

describe('when the disk is full', () => {
  const megabytes = (count: number) => Array.from({ length: count }, (_, i) => Buffer.alloc(1024 * 1024, i))

  test.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('%s while writing leaves nothing behind', async (code) => {
    let writes = 0
    const { fs } = watchedFs((call) => {
      if (call === 'writev' && ++writes === 3) throw systemError(code)
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    await expect(store.stage(chunksOf(...megabytes(5)))).rejects.toThrow(StorageFullError)
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('the last write counts, too', async () => {
    const { fs } = watchedFs((call) => {
      if (call === 'writev') throw systemError('ENOSPC')
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    await expect(store.stage(chunksOf(Buffer.from('tiny')))).rejects.toThrow(StorageFullError)
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('another failure of the disk comes out as it is', async () => {
    const { fs } = watchedFs((call) => {
      if (call === 'writev') throw systemError('EIO')
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    await expect(store.stage(chunksOf(Buffer.from('tiny')))).rejects.toMatchObject({ code: 'EIO' })
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('a commit that finds it while syncing content shows none of it', async () => {
    let syncs = 0
    const { fs } = watchedFs((call, path) => {
      if (call === 'sync' && path.startsWith(stagingDir) && ++syncs === 8) throw systemError('ENOSPC')
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    const staged = await Promise.all(megabytes(10).map((bytes) => store.stage(chunksOf(bytes))))
    await expect(store.commit(staged)).rejects.toThrow(StorageFullError)
    expect(await filesUnder(dir)).toEqual([])
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('a commit that fails never removes content that another upload shares', async () => {
    let broken = false
    const { fs } = watchedFs((call, path) => {
      if (broken && call === 'sync' && path.startsWith(dir)) throw systemError('ENOSPC')
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    const shared = Buffer.from('shared')
    const first = await store.stage(chunksOf(shared))
    await store.commit([first])
    await store.discard([first])
    broken = true
    const staged = [await store.stage(chunksOf(shared)), await store.stage(chunksOf(Buffer.from('new')))]
    await expect(store.commit(staged)).rejects.toThrow(StorageFullError)
    expect(await store.sizeBytes(staged[0]!.id)).toBe(shared.length)
    expect(await filesUnder(stagingDir)).toEqual([])
  })

  test('the store works again as soon as there is room', async () => {
    let full = true
    const { fs } = watchedFs((call, path) => {
      if (full && call === 'sync' && path === dir) throw systemError('ENOSPC')
    })
    const store = diskBlobStore({ dir, stagingDir, fs })
    await expect(
      store.stage(chunksOf(Buffer.from('abc'))).then((one) => store.commit([one])),
    ).rejects.toThrow(StorageFullError)
    full = false
    const staged = await store.stage(chunksOf(Buffer.from('abc')))
    await store.commit([staged])
    expect(await store.sizeBytes(staged.id)).toBe(3)
  })
})

/** A file system of 4 MB; null where this process may not mount one. */
async function mountTinyDisk(): Promise<string | null> {
  const mountPoint = await nodeFs.mkdtemp(join(root, 'tmpfs-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mountPoint], { stdio: 'ignore' })
    return mountPoint
  } catch {
    return null
  }
}

const tinyDisk = await mountTinyDisk()
afterAll(() => {
  if (tinyDisk) execFileSync('umount', [tinyDisk])
})

describe.skipIf(!tinyDisk)(
  `on a disk of 4 MB${tinyDisk ? '' : ' (skipped: mounting a tmpfs is not permitted)'}`,
  () => {
    test('an upload that does not fit is refused whole, and one that fits is stored', async () => {
      const blobs = join(tinyDisk ?? '', 'blobs')
      const staging = join(tinyDisk ?? '', 'staging')
      const store = diskBlobStore({ dir: blobs, stagingDir: staging })
      const fits = await store.stage(chunksOf(Buffer.alloc(2 * 1024 * 1024, 1)))
      const large = Array.from({ length: 8 }, (_, i) => Buffer.alloc(512 * 1024, i))
      await expect(store.stage(chunksOf(...large))).rejects.toThrow(StorageFullError)
      expect(await filesUnder(staging)).toHaveLength(1)
      await store.commit([fits])
      await store.discard([fits])
      expect(await filesUnder(tinyDisk ?? '')).toEqual([join(blobs, fits.id.slice(0, 2), fits.id)])
    })
  },
)
