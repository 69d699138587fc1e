import { expect, test } from 'vitest'
import { changeOf, versionInUrl } from '../../web/diffs/duniverse-change.ts'

const hashes = [
  { kind: 'SHA256', left: 'aa', right: 'bb' },
  { kind: 'MD5', left: null, right: 'cc' },
]
const folded = [
  { name: 'sha256', left: 'aa', right: 'bb' },
  { name: 'md5', left: null, right: 'cc' },
]
const folder = { name: 'dns', isSameContent: false, hashes }

test('a folder with another URL is a row with the URLs, and its hashes are folded', () => {
  expect(changeOf({ ...folder, left: { url: 'https://a' }, right: { url: 'https://b' } })).toEqual({
    name: 'dns',
    left: 'https://a',
    right: 'https://b',
    folded: { title: '2 hashes changed, too', changes: folded },
  })
})

test('a folder that keeps its URL is a row with its first hash and the kind of that', () => {
  expect(changeOf({ ...folder, left: { url: 'https://a' }, right: { url: 'https://a' } })).toEqual({
    name: 'dns',
    left: 'sha256=aa',
    right: 'sha256=bb',
    folded: { title: '1 hash changed, too', changes: folded.slice(1) },
  })
})

test('a folder whose URLs name versions is a row with these; the URLs and hashes are folded', () => {
  const [left, right] = ['https://a/dns-1.0.tbz', 'https://a/dns-1.1.tbz']
  expect(changeOf({ ...folder, left: { url: left }, right: { url: right } })).toEqual({
    ...{ name: 'dns', left: '1.0', right: '1.1' },
    folded: { title: 'its URL and hashes', changes: [{ name: 'url', left, right }, ...folded] },
  })
})

test.each([
  ['https://a/releases/download/v7.0.3/dns-7.0.3.tbz', '7.0.3'],
  ['https://a/b/archive/v1.2.tar.gz', '1.2'],
  ['https://a/b/archive/refs/tags/1.2.3.zip', '1.2.3'],
  ['https://a/releases/download/v2.0/source.txt', '2.0'],
  ['https://a/ocaml-cstruct-6.2.0~rc1.tar.bz2?x=1#y', '6.2.0~rc1'],
  ['https://a/b/archive/0123456789abcdef0123456789abcdef01234567.tar.gz', null],
  ['git+https://a/b.git#main', null],
  ['', null],
])('the address %s names the version %s', (url, version) => {
  expect(versionInUrl(url)).toBe(version)
})
