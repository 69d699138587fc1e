import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseEnvironment } from '../../server/formats/environment.ts'
import { diffNamedValues } from '../../server/formats/named-values.ts'
import { parseSystemPackages } from '../../server/formats/system-packages.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'

test.each([
  ['nothing', '', {}],
  ['a variable', 'PATH=/bin', { PATH: '/bin' }],
  ['the first = splits', 'A=b=c\nD==', { A: 'b=c', D: '=' }],
  ['no value, no =', 'EMPTY=\nALONE', { EMPTY: '', ALONE: '' }],
  ['CR LF and blank lines', 'A=1\r\n\r\nB=2\r\n', { A: '1', B: '2' }],
  ['a name like a property of objects', '__proto__=1', Object.fromEntries([['__proto__', '1']])],
])('parseEnvironment: %s', (_name, text, expected) => {
  expect(Object.fromEntries(parseEnvironment(text))).toEqual(expected)
})

test.each([
  ['Debian', 'libc6=2.36-9+deb12u14', { libc6: '2.36-9+deb12u14' }],
  ['an epoch', 'git=1:2.39.5-0', { git: '1:2.39.5-0' }],
  ['FreeBSD', 'gmp-6.3.0', { gmp: '6.3.0' }],
  ['FreeBSD, - in the name', 'py39-foo-1.2_1,2', { 'py39-foo': '1.2_1,2' }],
  ['a name alone', 'pkg', { pkg: '' }],
])('parseSystemPackages: %s', (_name, text, expected) => {
  expect(Object.fromEntries(parseSystemPackages(text))).toEqual(expected)
})

test('a diff tells what is on one side, and what changed', () => {
  const left = new Map([
    ['same', '1'],
    ['gone', '2'],
    ['other', '3'],
    ['also-gone', '4'],
  ])
  const right = new Map([
    ['new', '5'],
    ['other', '6'],
    ['same', '1'],
  ])
  expect(diffNamedValues(left, right)).toEqual({
    onlyLeft: [
      { name: 'also-gone', value: '4' },
      { name: 'gone', value: '2' },
    ],
    onlyRight: [{ name: 'new', value: '5' }],
    changed: [{ name: 'other', left: '3', right: '6' }],
  })
})

test.skipIf(!hasCorpus)('a whole list of FreeBSD packages: each has a name and a version', () => {
  const text = readFileSync(corpusPath('switches/albatross/202605/system-packages'), 'utf8')
  const packages = parseSystemPackages(text)
  expect(packages.size).toBe(text.split('\n').filter(Boolean).length)
  for (const [name, version] of packages) {
    expect(name).toMatch(/^[a-zA-Z0-9]/)
    expect(version).toMatch(/^[0-9a-z]/)
  }
})
