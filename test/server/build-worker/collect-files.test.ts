import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { collectFiles } from '../../../server/build-worker/collect-files.ts'
import { bytesOf, temporaryDir } from '../../app.ts'

const seenAs = '/build'

/** A folder with files by path: a text, or `→ target` for a link. */
function folderOf(files: Record<string, string>): string {
  const root = join(temporaryDir(), 'root')
  mkdirSync(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    if (content.startsWith('→ ')) symlinkSync(content.slice(2), join(root, path))
    else writeFileSync(join(root, path), content)
  }
  return root
}

/** Contents of what is collected, by path. */
async function contentsOf(root: string): Promise<{ files: [string, string][]; leftOut: string[] }> {
  const { files, leftOut } = await collectFiles(root, seenAs)
  const contents: [string, string][] = []
  for (const { path, sizeBytes, chunks } of files) {
    const bytes = await bytesOf(chunks())
    expect(bytes.length).toBe(sizeBytes)
    contents.push([path, Buffer.from(bytes).toString()])
  }
  return { files: contents, leftOut }
}

test('all files but the script and hidden ones are collected, sorted by their bytes', async () => {
  const root = folderOf({
    'script.sh': 'the script',
    'sub/script.sh': 'no script',
    b: '',
    'a/b/c': 'deep',
    'a-': 'before a/b: - is less than /',
    é: 'after ascii',
    '.hidden': 'hidden',
    '.git/HEAD': 'hidden',
    'a/.hidden/x': 'hidden',
  })
  expect(await contentsOf(root)).toEqual({
    files: [
      ['a-', 'before a/b: - is less than /'],
      ['a/b/c', 'deep'],
      ['b', ''],
      ['sub/script.sh', 'no script'],
      ['é', 'after ascii'],
    ],
    leftOut: [],
  })
})

test('links within the folder are followed, as builder does: also to folders and to hidden files', async () => {
  const root = folderOf({
    'a/b': 'content',
    '.hidden': 'hidden',
    file: '→ a/b',
    folder: '→ a',
    absolute: '→ /build/a/b',
    shown: '→ .hidden',
    'a/up': '→ ../a/../a/b',
    chain: '→ file',
  })
  expect(await contentsOf(root)).toEqual({
    files: [
      ['a/b', 'content'],
      ['a/up', 'content'],
      ['absolute', 'content'],
      ['chain', 'content'],
      ['file', 'content'],
      ['folder/b', 'content'],
      ['folder/up', 'content'],
      ['shown', 'hidden'],
    ],
    leftOut: [],
  })
})

test.each([
  ['out of the folder', { x: '→ /etc/hostname' }],
  ['above the folder', { x: '→ ../../outside' }],
  ['out and in again', { x: '→ ../root/y', y: 'y' }],
  ['to a path that only begins like the folder', { x: '→ /builder/y' }],
  ['nowhere', { x: '→ nothing' }],
  ['to itself', { x: '→ x' }],
  ['through a file', { x: '→ y/z', y: 'y' }],
])('a link that leads %s is left out', async (_where, files) => {
  const { files: collected, leftOut } = await contentsOf(folderOf(files))
  expect(collected.map(([path]) => path)).toEqual('y' in files ? ['y'] : [])
  expect(leftOut).toEqual(['x is left out: the link leads to no file of the build'])
})

test('a link to a folder above is followed once', async () => {
  const { files, leftOut } = await contentsOf(
    folderOf({ 'a/b/c': 'c', 'a/b/up': '→ ..', 'a/b/top': '→ /build' }),
  )
  expect(files).toEqual([['a/b/c', 'c']])
  expect(leftOut).toEqual([
    'a/b/top is left out: the link leads to a folder that contains it',
    'a/b/up is left out: the link leads to a folder that contains it',
  ])
})

test('modes are kept, and what a script made unreadable is read', async () => {
  const root = folderOf({ 'bin/run': 'x', 'secret/file': 'y', data: 'z' })
  chmodSync(join(root, 'bin/run'), 0o755)
  chmodSync(join(root, 'data'), 0)
  chmodSync(join(root, 'secret'), 0)
  const { files } = await collectFiles(root, seenAs)
  expect(files.map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
    ['bin/run', '755'],
    ['data', '0'],
    ['secret/file', '644'],
  ])
})

test('a name that is not UTF-8 is left out', async () => {
  const root = folderOf({ ok: 'x' })
  writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff])]), 'y')
  const { files, leftOut } = await contentsOf(root)
  expect(files).toEqual([['ok', 'x']])
  expect(leftOut).toEqual(['bad\ufffd is left out: its name is not UTF-8'])
})

test('a file that is exchanged for a link, or cut, is an error', async () => {
  const root = folderOf({ a: 'content' })
  const { files } = await collectFiles(root, seenAs)
  writeFileSync(join(root, 'a'), 'con')
  await expect(bytesOf(files[0]?.chunks() ?? [])).rejects.toThrow('has become shorter')
})
