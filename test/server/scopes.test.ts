import { expect, test } from 'vitest'
import { grantedBy, isJobOf, isScope, readScopes, type Scope } from '../../server/users/scopes.ts'

test.each([
  ['read', true],
  ['schedule', true],
  ['admin:read', true],
  ['admin', true],
  ['upload:*', true],
  ['upload:dns-*', true],
  ['upload', false],
  ['upload:', false],
  ['upload:a\nb', false],
  ['Admin', false],
  ['', false],
])('%j is a scope: %s', (text, expected) => {
  expect(isScope(text)).toBe(expected)
})

const cases: [Scope[], rights: string[], jobs: string[] | null][] = [
  [['read'], ['read'], []],
  [['upload:*'], ['upload'], null],
  [
    ['upload:a', 'upload:b-*', 'read'],
    ['read', 'upload'],
    ['a', 'b-*'],
  ],
  [['admin:read'], ['admin:read', 'read'], []],
  [['admin'], ['admin', 'admin:read', 'attest', 'read', 'schedule', 'upload', 'work'], null],
  [['schedule'], ['schedule'], []],
]
test.each(cases)('the scopes %j grant %j', (scopes, rights, jobs) => {
  const granted = grantedBy(scopes)
  expect([[...granted.rights].sort(), granted.jobs]).toEqual([rights, jobs])
})

test('stored scopes are read, and others are refused', () => {
  expect(readScopes('["read","upload:*"]')).toEqual(['read', 'upload:*'])
  for (const bad of ['"read"', '["all"]', '[1]', 'read']) expect(() => readScopes(bad)).toThrow()
})

test.each([
  ['dns', 'dns', true],
  ['dns', 'dns-2', false],
  ['dns-*', 'dns-', true],
  ['dns-*', 'dns-primary', true],
  ['*-dns', 'my\ndns-dns', true],
  ['a.c', 'abc', false],
  ['(*)', '(x)', true],
  ['DNS', 'dns', false],
])('the pattern %j means the job %j: %s', (pattern, job, expected) => {
  expect(isJobOf(pattern, job)).toBe(expected)
})
