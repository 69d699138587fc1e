import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { toBlobId, type BlobId } from '../../../server/blobs/blob-store.ts'
import { DamagedBlobError } from '../../../server/blobs/checked-stream.ts'
import { localCopies, type BlobSource } from '../../../server/blobs/local-copies.ts'
import { projectDir } from '../../app.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'builder-hub-copies-'))
  return () => rmSync(dir, { recursive: true })
})

const idOf = (content: string) => toBlobId(createHash('sha256').update(content).digest('hex'))

/** A store without files, and how often each blob was read. */
function remote(...contents: string[]) {
  const blobs = new Map(contents.map((content) => [idOf(content), content]))
  const reads: BlobId[] = []
  const source: BlobSource = {
    sizeBytes: async (id) => blobs.get(id)?.length ?? null,
    async open(id) {
      reads.push(id)
      const content = blobs.get(id)
      return content === undefined ? null : Readable.from([Buffer.from(content)], { objectMode: false })
    },
  }
  return { source, reads, blobs }
}

const textOf = async (file: string) => readFileSync(file, 'utf8')
const kept = () => (existsSync(dir) ? readdirSync(dir).map((name) => name.slice(0, 64)) : [])
/** A promise that the test resolves. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open: () => open(), opened }
}

test('a store with files gives its own, and nothing is copied', async () => {
  const copies = localCopies({ dir })
  const source = { ...remote('a').source, fileOf: () => '/its/own/file' }
  expect(await copies.withFile(source, idOf('a'), async (file) => file)).toBe('/its/own/file')
  expect(kept()).toEqual([])
})

test('a copy has the content, and is made once', async () => {
  const { source, reads } = remote('a')
  const copies = localCopies({ dir })
  for (let turn = 0; turn < 3; turn++) expect(await copies.withFile(source, idOf('a'), textOf)).toBe('a')
  expect(reads).toEqual([idOf('a')])
})

test('callers at once share one copy, also when they come from several stores', async () => {
  const [one, other] = [remote('a'), remote('a')]
  const copies = localCopies({ dir })
  const texts = await Promise.all(
    [one, other, one, other].map(({ source }) => copies.withFile(source, idOf('a'), textOf)),
  )
  expect(texts).toEqual(['a', 'a', 'a', 'a'])
  expect([...one.reads, ...other.reads]).toHaveLength(1)
  expect(kept()).toEqual([idOf('a')])
})

test('what was not used for the longest time goes first', async () => {
  const { source, reads } = remote('aaaa', 'bbbb', 'cccc')
  const copies = localCopies({ dir, maxBytes: 8 })
  for (const content of ['aaaa', 'bbbb', 'aaaa', 'cccc']) await copies.withFile(source, idOf(content), textOf)
  expect(kept().sort()).toEqual([idOf('aaaa'), idOf('cccc')].sort())
  await copies.withFile(source, idOf('aaaa'), textOf)
  expect(reads.filter((id) => id === idOf('aaaa'))).toHaveLength(1)
})

test('a copy in use stays, however much is copied meanwhile', async () => {
  const { source } = remote('aaaa', 'bbbb', 'cccc')
  const copies = localCopies({ dir, maxBytes: 4 })
  const done = gate()
  const inUse = copies.withFile(source, idOf('aaaa'), async (file) => {
    await done.opened
    return textOf(file)
  })
  for (const content of ['bbbb', 'cccc']) {
    expect(await copies.withFile(source, idOf(content), textOf)).toBe(content)
    expect(kept()).toEqual([idOf('aaaa')])
  }
  done.open()
  expect(await inUse).toBe('aaaa')
  expect(kept()).toEqual([idOf('aaaa')])
})

test('content that is larger than all copies may be is used, and not kept', async () => {
  const { source } = remote('too much')
  const copies = localCopies({ dir, maxBytes: 3 })
  expect(await copies.withFile(source, idOf('too much'), textOf)).toBe('too much')
  expect(kept()).toEqual([])
})

test.each([
  ['damaged', (blobs: Map<BlobId, string>) => blobs.set(idOf('content'), 'kontent')],
  ['cut short', (blobs: Map<BlobId, string>) => blobs.set(idOf('content'), 'cont')],
  ['empty', (blobs: Map<BlobId, string>) => blobs.set(idOf('content'), '')],
  ['missing', (blobs: Map<BlobId, string>) => blobs.delete(idOf('content'))],
])('nobody gets content that is %s, and the next caller tries again', async (_name, damage) => {
  const { source, blobs } = remote('content')
  damage(blobs)
  const copies = localCopies({ dir })
  const attempts = await Promise.allSettled(
    [1, 2, 3].map(() =>
      copies.withFile(source, idOf('content'), () => Promise.reject(new Error('was used'))),
    ),
  )
  for (const attempt of attempts)
    expect(attempt.status === 'rejected' && attempt.reason).toBeInstanceOf(DamagedBlobError)
  expect(kept()).toEqual([])
  blobs.set(idOf('content'), 'content')
  expect(await copies.withFile(source, idOf('content'), textOf)).toBe('content')
})

test('a stream that breaks off leaves nothing', async () => {
  const { source } = remote('content')
  const broken: BlobSource = {
    ...source,
    open: async () =>
      Readable.from(
        (function* () {
          yield Buffer.from('cont')
          throw new Error('the connection broke')
        })(),
        { objectMode: false },
      ),
  }
  const copies = localCopies({ dir })
  await expect(copies.withFile(broken, idOf('content'), textOf)).rejects.toThrow('the connection broke')
  expect(kept()).toEqual([])
})

test('an error of the user is passed on, and the copy stays', async () => {
  const { source, reads } = remote('a')
  const copies = localCopies({ dir })
  await expect(copies.withFile(source, idOf('a'), () => Promise.reject(new Error('mine')))).rejects.toThrow(
    'mine',
  )
  expect(await copies.withFile(source, idOf('a'), textOf)).toBe('a')
  expect(reads).toHaveLength(1)
})

test('under many callers at random, every caller reads its own content, and the limit holds at the end', async () => {
  const contents = Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + n).repeat(1 + n))
  const { source } = remote(...contents)
  const copies = localCopies({ dir, maxBytes: 20 })
  let seed = 7
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  await Promise.all(
    Array.from({ length: 300 }, async () => {
      const content = contents[next(contents.length)] ?? ''
      for (let turns = next(8); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
      expect(await copies.withFile(source, idOf(content), textOf)).toBe(content)
    }),
  )
  const bytes = readdirSync(dir).reduce((sum, name) => sum + readFileSync(join(dir, name)).length, 0)
  expect(bytes).toBeLessThanOrEqual(20)
})

test('what a killed process left is swept', async () => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(projectDir, 'test/server/blobs/killed-copier.ts'), dir],
    { cwd: projectDir, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readdirSync(dir)).toHaveLength(2)
  const copies = localCopies({ dir })
  expect(await copies.sweep()).toBe(2)
  expect(readdirSync(dir)).toEqual([])
  expect(await localCopies({ dir: join(dir, 'absent') }).sweep()).toBe(0)
})

/** Nobody can remove the file: a folder with content has its place. */
function blockRemovalOf(file: string): void {
  rmSync(file)
  mkdirSync(file)
  writeFileSync(join(file, 'inside'), '')
}

test('what cannot be removed hides neither a value nor an error, and is tried again', async () => {
  const { source } = remote('aaaa', 'bbbb')
  const copies = localCopies({ dir, maxBytes: 3 })
  let blocked = ''
  const value = await copies.withFile(source, idOf('aaaa'), async (file) => {
    blocked = file
    blockRemovalOf(file)
    return 'value'
  })
  expect(value).toBe('value')
  const failing = copies.withFile(source, idOf('bbbb'), () => Promise.reject(new Error('mine')))
  await expect(failing).rejects.toThrow('mine')
  expect(kept()).toEqual([idOf('aaaa')])
  rmSync(blocked, { recursive: true })
  writeFileSync(blocked, 'aaaa')
  await copies.withFile(source, idOf('bbbb'), textOf)
  expect(kept()).toEqual([])
})
