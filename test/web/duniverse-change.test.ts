import { expect, test } from 'vitest'
import { changeOf } from '../../web/diffs/duniverse-change.ts'

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
