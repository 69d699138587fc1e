import { expect, test } from 'vitest'
import type { JobId, PlatformId } from '../../../server/ids.ts'
import { parseRetentionPolicy, planOfPolicy } from '../../../server/retention/retention-policy.ts'

const placeOf = (job: string, platform = 'debian-12', section: string | null = null) => ({
  ...{ jobId: 1 as JobId, platformId: 1 as PlatformId, buildCount: 1 },
  ...{ job, platform, section },
})

test('the first rule that matches the job, its section and the platform decides', () => {
  const policy = parseRetentionPolicy({
    rules: [
      { jobs: ['dns-*', 'a.c'], platforms: 'freebsd-?', keep: { newest: 2 } },
      { sections: 'Web*', keep: 'all' },
      { sections: 'Uncategorized', keep: { perMonth: 1, outputs: 'first-and-last' } },
    ],
  })
  const planned = (...places: Parameters<typeof planOfPolicy>[1][number][]) =>
    planOfPolicy(policy, places).map(({ reason, keep }) => [reason, keep])
  const first = ['retention policy, rule 1', { newest: 2 }]
  const third = ['retention policy, rule 3', { perMonth: 1, outputs: 'first-and-last' }]
  expect(planned(placeOf('dns-primary', 'freebsd-3', 'Web'))).toEqual([first])
  expect(planned(placeOf('dns-primary', 'freebsd-14', 'Websites'))).toEqual([])
  expect(planned(placeOf('dns-primary', 'freebsd-14'))).toEqual([third])
  expect(planned(placeOf('a.c', 'freebsd-1', 'Other'))).toEqual([first])
  // Only * and ? are patterns.
  expect(planned(placeOf('abc', 'freebsd-1', 'Other'))).toEqual([])
  expect(planned(placeOf('dns-\u{1f9ab}\n', 'freebsd-\u{1f9ab}', 'Other'))).toEqual([first])
})

test('a pattern of many stars is soon answered', () => {
  const policy = parseRetentionPolicy({ rules: [{ jobs: '*'.repeat(1_000) + 'b', keep: { newest: 1 } }] })
  expect(planOfPolicy(policy, [placeOf('a'.repeat(10_000))])).toEqual([])
})

test.each([
  ['no object', [], 'the policy: '],
  ['no rules', {}, 'rules: '],
  ['an unknown key', { rules: [], maxBytes: 1 }, 'the policy: Unrecognized key: "maxBytes"'],
  ['an unknown key of a rule', { rules: [{ job: 'a', keep: 'all' }] }, 'rules[0]: Unrecognized key: "job"'],
  ['no keep', { rules: [{ jobs: 'a' }] }, 'rules[0].keep: it must be "all", or an object'],
  ['another word', { rules: [{ keep: 'none' }] }, 'rules[0].keep: it must be "all", or an object'],
  ['nothing kept', { rules: [{ keep: {} }] }, 'rules[0].keep: it must keep something'],
  ['zero', { rules: [{ keep: { newest: 0 } }] }, 'rules[0].keep.newest: '],
  ['half a build', { rules: [{ keep: 'all' }, { keep: { perMonth: 1.5 } }] }, 'rules[1].keep.perMonth: '],
  ['a text', { rules: [{ keep: { days: '90' } }] }, 'rules[0].keep.days: '],
  ['an unknown keep', { rules: [{ keep: { newst: 1 } }] }, 'rules[0].keep: Unrecognized key: "newst"'],
  ['no pattern', { rules: [{ jobs: '', keep: 'all' }] }, 'rules[0].jobs: it must be a pattern'],
  ['an empty list', { rules: [{ platforms: [], keep: 'all' }] }, 'rules[0].platforms: it must be a pattern'],
])('a policy with a fault is refused, and the fault named: %s', (_name, value, message) => {
  expect(() => parseRetentionPolicy(value)).toThrow(message)
})

test('every fault is named', () => {
  const value = { rules: [{ keep: { newest: 0, days: -1 } }, { jobs: 7, keep: 'all' }] }
  expect(() => parseRetentionPolicy(value)).toThrow(/keep\.newest:.*\n.*keep\.days:.*\n.*rules\[1\]\.jobs:/)
})
