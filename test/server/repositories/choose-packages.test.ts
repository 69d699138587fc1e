import { expect, test } from 'vitest'
import { poolPath } from '../../../server/repositories/apt-index.ts'
import { choosePackages } from '../../../server/repositories/choose-packages.ts'
import { parseRepositories } from '../../../server/repositories/repositories-file.ts'

const sha256 = 'a'.repeat(64)
const candidate = { sha256, sizeBytes: 1n, at: new Date(0), job: 'hello' }
const facts = { name: 'hello', version: '1', control: '{}', problem: null }

const chosenFor = (repository: string, found: { format: string; architecture: string }) => {
  const [definition] = parseRepositories(repository, 'test')
  if (!definition) throw new Error('no repository')
  return choosePackages(definition, [candidate], new Map([[sha256, { sha256, ...facts, ...found }]]))
}

test.each([
  ['FreeBSD:14:amd64', 'FreeBSD:14:amd64', 1],
  ['FreeBSD:14:amd64', 'freebsd:14:*', 1],
  ['FreeBSD:14:amd64', 'freebsd:14:x86:64', 1],
  ['FreeBSD:14:amd64', 'freebsd:14:x86:32', 0],
  ['FreeBSD:14:i386', 'freebsd:14:x86:32', 1],
  ['FreeBSD:14:aarch64', 'freebsd:14:x86:64', 0],
  ['FreeBSD:14:aarch64', 'freebsd:14:aarch64:64', 1],
  ['FreeBSD:14:amd64', 'FreeBSD:13:amd64', 0],
  ['FreeBSD:14:amd64', '*', 0],
])('a repository for %s takes a package for %s: %i', (abi, architecture, count) => {
  const { packages } = chosenFor(`[pkg."${abi}"]`, { format: 'FREEBSD', architecture })
  expect(packages.length).toBe(count)
})

test('a package of the other format is not published', () => {
  expect(chosenFor('[apt.one]', { format: 'FREEBSD', architecture: 'amd64' })).toMatchObject({
    packages: [],
    unreadable: [{ problem: 'it is a FreeBSD package' }],
  })
})

test('the epoch of a version is in no file name', () => {
  const one = { ...candidate, ...facts, version: '1:2.0-1', architecture: 'amd64' }
  expect(poolPath(one)).toBe(`pool/aa/${sha256}/hello_2.0-1_amd64.deb`)
})
