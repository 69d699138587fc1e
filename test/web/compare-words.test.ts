import { expect, test } from 'vitest'
import { findUuid, noPickerFilter, toBuildArguments } from '../../web/diffs/picker-filter.ts'
import { type Counts, describePackages, describePart, isOpenAtFirst } from '../../web/diffs/parts.ts'
import { formatDurationDelta, formatExactDelta, formatOffset, formatSizeDelta } from '../../web/ui/signed.ts'
import { type ComparedFacts, verdictOfComparison } from '../../web/diffs/verdict.ts'

const facts: ComparedFacts = {
  output: 'SAME',
  isSameBuild: false,
  isSameJob: true,
  isSameInput: true,
  isSamePlatform: true,
  hasChangedInput: false,
  scriptLines: 0,
  isPartial: false,
  sizeDelta: 0,
}

test.each<[Partial<ComparedFacts>, tone: string, title: string]>([
  [{}, 'good', 'Nothing changed: repeated'],
  [{ isSameInput: false, isPartial: true }, 'good', 'Same output'],
  [{ isSameInput: false, hasChangedInput: true }, 'good', 'Same output from different inputs'],
  [{ isSameInput: false }, 'good', 'Same output from inputs that are written otherwise'],
  [{ isSamePlatform: false }, 'good', 'Same output from different inputs'],
  [{ isSameBuild: true }, 'neutral', 'One build, compared with itself'],
  [{ output: 'CHANGED' }, 'alarm', 'Not reproducible: same input, another output'],
  [
    { output: 'CHANGED', scriptLines: 3, hasChangedInput: true },
    'alarm',
    'Not reproducible: same input, another output, though their scripts differ',
  ],
  [
    { output: 'CHANGED', isSameInput: false },
    'alarm',
    'Unexplained: the output changed, and nothing that is recorded says why',
  ],
  [
    { output: 'CHANGED', isSameInput: false, isPartial: true, sizeDelta: -2048 },
    'neutral',
    'Output changed: −2.0 KiB',
  ],
  [
    { output: 'CHANGED', isSameInput: false, hasChangedInput: true, sizeDelta: 104_448 },
    'neutral',
    'Output changed: +102 KiB',
  ],
  [
    { output: 'CHANGED', isSameJob: false, isSameInput: false, hasChangedInput: true, sizeDelta: 5 },
    'neutral',
    'The outputs differ: +5 B',
  ],
  [{ output: 'ONLY_LEFT' }, 'neutral', 'Only the left build has a main binary'],
  [{ output: 'ONLY_RIGHT' }, 'neutral', 'Only the right build has a main binary'],
  [{ output: 'NONE' }, 'neutral', 'Neither build has a main binary'],
])('of a comparison with %j the verdict is %s: %s', (changes, tone, title) => {
  expect(verdictOfComparison({ ...facts, ...changes })).toMatchObject({ tone, title })
})

test('a changed script is where to look first, for the input id does not cover it', () => {
  expect(verdictOfComparison({ ...facts, output: 'CHANGED', scriptLines: 1 }).meaning).toContain(
    'the scripts are no part of the input: look there first',
  )
  const elsewhere = verdictOfComparison({
    ...facts,
    output: 'CHANGED',
    scriptLines: 1,
    isSamePlatform: false,
  })
  expect(elsewhere.title).toMatch(/, though their scripts and platforms differ$/)
})

const none: Counts = {
  packagesUpgraded: 0,
  packagesDowngraded: 0,
  packagesRespelled: 0,
  packagesAdded: 0,
  packagesRemoved: 0,
  packagesChanged: 0,
  duniverse: 0,
  environment: 0,
  systemPackages: 0,
  scriptLines: 0,
  artifacts: 0,
}

test('changes are counted in words', () => {
  const counts = { ...none, packagesUpgraded: 3, packagesAdded: 1, systemPackages: 1_504, artifacts: 1 }
  expect(describePart('packages', counts)).toBe('3 packages upgraded, 1 added')
  expect(describePackages(counts)).toBe('3 upgraded, 1 added')
  expect(describePart('system-packages', counts)).toBe('1,504 system packages changed')
  expect(describePart('artifacts', counts)).toBe('1 artifact differs')
  expect(describePart('packages', { ...none, packagesRemoved: 1 })).toBe('1 package removed')
  expect(describePart('environment', counts)).toBeNull()
})

test('what explains an output is open at first, noise only when nothing else changed', () => {
  const changed = ['packages', 'system-packages', 'artifacts'] as const
  expect(isOpenAtFirst('packages', changed, 3)).toBe(true)
  expect(isOpenAtFirst('system-packages', changed, 3)).toBe(false)
  expect(isOpenAtFirst('artifacts', changed, 3)).toBe(false)
  expect(isOpenAtFirst('system-packages', ['system-packages', 'artifacts'], 900)).toBe(true)
  expect(isOpenAtFirst('artifacts', ['artifacts'], 3)).toBe(true)
  expect(isOpenAtFirst('script', ['packages', 'script'], 900)).toBe(false)
})

test('differences carry their sign', () => {
  expect([104_448, -12, 0].map(formatSizeDelta)).toEqual(['+102 KiB', '−12 B', '±0 B'])
  expect([1, -1_024, 0].map(formatExactDelta)).toEqual(['+1 byte', '−1,024 bytes', '±0 bytes'])
  expect([62_000, -14_200, 0].map(formatDurationDelta)).toEqual(['+1m 02s', '−14.2 s', '±0 s'])
  expect(formatOffset(8_000)).toBe('0x1f40')
})

test('the last day of a search counts in full, in UTC', () => {
  const days = { ...noPickerFilter, since: '2026-11-01', until: '2026-11-30' }
  expect(toBuildArguments(days)).toEqual({
    platform: null,
    verdict: null,
    since: '2026-11-01T00:00:00.000Z',
    until: '2026-12-01T00:00:00.000Z',
  })
  expect(toBuildArguments(noPickerFilter)).toMatchObject({ since: null, until: null })
})

const uuid = 'e2e00000-0000-4000-8000-000000000001'
test.each([
  [uuid.toUpperCase(), uuid],
  [`https://builds.example/job/hello/build/${uuid}/`, uuid],
  [`/compare/${uuid.replace('1', '2')}/${uuid}#script`, uuid],
  [`${uuid}0`, null],
  ['hello', null],
])('the UUID in %j is %j', (text, found) => {
  expect(findUuid(text)).toBe(found)
})
