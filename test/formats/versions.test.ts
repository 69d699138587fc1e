import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { compareDebianVersions } from '../../server/formats/debian-version.ts'
import { compareFreebsdVersions } from '../../server/formats/freebsd-version.ts'
import { isInstalled } from '../programs.ts'

/** In the order of Debian. */
const debian = [
  '0~~',
  '0~',
  '0',
  '0-1',
  '1a',
  '1.0~rc1-1',
  '1.0-1',
  '1.0-1+b1',
  '1.0.1-1',
  '1.10',
  '1:0.1',
  '2:0',
]

test('Debian versions are in the order of epoch, upstream version and revision', () => {
  const shuffled = debian.toReversed()
  expect(shuffled.toSorted(compareDebianVersions)).toEqual(debian)
  expect(compareDebianVersions('1.0', '1.0-0')).toBe(0)
  expect(compareDebianVersions('0:1.0', '1.00')).toBe(0)
})

test.runIf(isInstalled('dpkg'))('dpkg agrees with the order of Debian versions', () => {
  const pairs = debian.slice(1).map((version, index) => [debian[index] ?? '', version] as const)
  for (const [left, right] of pairs)
    expect(
      () => execFileSync('dpkg', ['--compare-versions', left, 'lt', right]),
      `${left} < ${right}`,
    ).not.toThrow()
})

test('FreeBSD versions are in the order of epoch, upstream version and revision; stages are before a release', () => {
  const versions = ['1.0.a1', '1.0.b2', '1.0rc1', '1.0', '1.0_1', '1.0_10', '1.0.1', '1.10', '0.1,1']
  expect(versions.toReversed().toSorted(compareFreebsdVersions)).toEqual(versions)
})
