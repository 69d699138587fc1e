import { createHash } from 'node:crypto'
import type * as nodeFs from 'node:fs/promises'
import { expect, test } from 'vitest'
import { listFolder } from '../../../server/blobs/list-folder.ts'

type FileSystem = Pick<typeof nodeFs, 'opendir' | 'stat'>

const gone = () => Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
const statsOf = (isFolder: boolean) => ({
  ...{ size: 5, mtime: new Date(0) },
  ...{ isFile: () => !isFolder, isDirectory: () => isFolder },
})

/** A file system with one folder `ab` of blobs, given by their numbers; `vanished` are there when listed, not later. */
function folderOf(count: number, vanished: (ordinal: number) => boolean = () => false) {
  const state = { named: 0, asked: 0, mostAsked: 0 }
  const blob = (ordinal: number) => `ab${createHash('sha256').update(String(ordinal)).digest('hex').slice(2)}`
  const vanishedNames = new Set<string>()
  async function* names(path: string): AsyncGenerator<{ name: string }> {
    if (!path.endsWith('/ab')) return yield { name: 'ab' }
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const name = blob(ordinal)
      if (vanished(ordinal)) vanishedNames.add(name)
      state.named += 1
      yield { name }
    }
  }
  const fs = {
    opendir: async (path: string) => names(path),
    async stat(path: string) {
      state.mostAsked = Math.max(state.mostAsked, (state.asked += 1))
      await Promise.resolve()
      state.asked -= 1
      if (vanishedNames.delete(path.slice(-64))) throw gone()
      return statsOf(path.endsWith('/ab'))
    },
  }
  // Only what the list uses of a file system.
  return { fs: fs as unknown as FileSystem, state }
}

test('few names are read ahead, however many blobs there are', async () => {
  const { fs, state } = folderOf(100_000)
  let listed = 0
  let mostAhead = 0
  for await (const { id } of listFolder(fs, '/blobs')) {
    if (id !== null) listed += 1
    mostAhead = Math.max(mostAhead, state.named - listed)
  }
  expect(listed).toBe(100_000)
  expect(mostAhead).toBeLessThanOrEqual(64)
  expect(state.mostAsked).toBeLessThanOrEqual(64)
})

test('blobs that vanish while they are listed are left out', async () => {
  const { fs } = folderOf(1_000, (ordinal) => ordinal % 3 === 0)
  let listed = 0
  for await (const { id } of listFolder(fs, '/blobs')) if (id !== null) listed += 1
  expect(listed).toBe(666)
})

test('a folder that does not exist has nothing', async () => {
  const fs = { opendir: () => Promise.reject(gone()) } as unknown as FileSystem
  for await (const one of listFolder(fs, '/blobs')) throw new Error(`${one.id} is listed`)
})

test('a folder that cannot be read is an error', async () => {
  const fs = {
    opendir: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
  } as unknown as FileSystem
  await expect(listFolder(fs, '/blobs').next()).rejects.toThrow('EIO')
})
