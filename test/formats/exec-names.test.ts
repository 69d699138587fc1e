import { describe, expect, test } from 'vitest'
import {
  checkJobName,
  checkPlatformName,
  findPathConflict,
  normalizeArtifactPath,
  UnsafeNameError,
} from '../../server/formats/exec-names.ts'

describe.each([
  ['job name', checkJobName],
  ['platform name', checkPlatformName],
])('%s', (_what, check) => {
  test.each(['hello', 'jöb name', '...', 'a', 'x'.repeat(255), 'ä'.repeat(127), '\ufeffhello', '🐫'])(
    'takes %j as it is',
    (name) => {
      expect(check(name)).toBe(name)
    },
  )

  test.each([
    ['', '"" is empty'],
    ['.', '"." is not a name'],
    ['..', '".." is not a name'],
    ['a/b', '"a/b" contains "/"'],
    ['a\nb', '"a\\nb" contains a control character'],
    ['a\0b', '"a\\u0000b" contains a control character'],
    ['a\u0085b', 'contains a control character'],
    ['a\x7f', 'contains a control character'],
    ['\ud800', '"\\ud800" is not valid Unicode'],
    ['x'.repeat(256), 'is too long'],
    ['ä'.repeat(128), 'is too long'],
  ])('refuses %j and says what is allowed', (name, reason) => {
    expect(() => check(name)).toThrow(UnsafeNameError)
    expect(() => check(name)).toThrow(reason)
    expect(() => check(name)).toThrow('1 to 255 bytes of UTF-8')
  })
})

test.each([
  ['bin/hello.hvt', 'bin/hello.hvt'],
  ['a//b', 'a/b'],
  ['./a/b', 'a/b'],
  ['a/./b', 'a/b'],
  ['a/b/', 'a/b'],
  ['.hidden', '.hidden'],
  ['...', '...'],
  ['..a/b..', '..a/b..'],
  ['a\\b', 'a\\b'],
  ['new\nline', 'new\nline'],
  ['semi;colon?&#%41', 'semi;colon?&#%41'],
])('artifact path %j is %j', (path, expected) => {
  expect(normalizeArtifactPath(path)).toBe(expected)
})

test.each([
  ['', 'is empty'],
  ['.', 'names no file'],
  ['././', 'names no file'],
  ['/etc/passwd', 'is absolute'],
  ['//etc/passwd', 'is absolute'],
  ['..', 'contains ".."'],
  ['a/../b', 'contains ".."'],
  ['../../etc/evil', 'contains ".."'],
  ['a\0b', 'contains a NUL'],
  ['a\udc00', 'is not valid Unicode'],
])('artifact path %j is refused: %s', (path, reason) => {
  expect(() => normalizeArtifactPath(path)).toThrow(UnsafeNameError)
  expect(() => normalizeArtifactPath(path)).toThrow(reason)
})

test.each([
  ['nothing', [], null],
  ['files side by side', ['a', 'b', 'c/d', 'c/e'], null],
  ['names that only start alike', ['a', 'a-b', 'a.b/c', 'ab'], null],
  ['a file that is a folder', ['z', 'a/b/c', 'a'], { file: 'a', inner: 'a/b/c' }],
  ['a file that is a folder, with others sorted between', ['a', 'a-b', 'a/b'], { file: 'a', inner: 'a/b' }],
])('findPathConflict: %s', (_name, paths, expected) => {
  expect(findPathConflict(paths)).toEqual(expected)
})
