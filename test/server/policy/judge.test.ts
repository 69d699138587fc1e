import { expect, test } from 'vitest'
import { BadConfigError } from '../../../server/config.ts'
import { gradeOf } from '../../../server/policy/grade.ts'
import { judge, type Vote } from '../../../server/policy/judge.ts'
import { parsePolicy } from '../../../server/policy/policy-file.ts'

const now = new Date('2026-11-30T12:00:00Z')
const days = (count: number) => new Date(now.getTime() - count * 86_400_000)
const place = { job: 'dns-primary', platform: 'debian-12' }
const [one, two] = ['1'.repeat(64), '2'.repeat(64)]

const upload = (group: string | null, more: Partial<Vote> = {}): Vote => ({
  ...{ kind: 'UPLOAD', attester: `user of ${group}`, group, job: place.job, platform: place.platform },
  ...{ inputId: one, at: days(1), build: 'a build', attestation: null, isRevoked: false },
  ...more,
})
const signed = (group: string | null, more: Partial<Vote> = {}): Vote =>
  upload(group, {
    kind: 'ATTESTATION',
    platform: null,
    inputId: null,
    build: null,
    attestation: 'a',
    ...more,
  })

const policyOf = (parts: object) => parsePolicy(JSON.stringify({ version: 1, ...parts }), 'policy.json')
const twoGroups = policyOf({ rules: [{ jobs: ['dns-*'], groups: 2 }] })
const twoSigned = policyOf({ rules: [{ jobs: ['*'], groups: 2, signed: true }] })
const young = policyOf({ rules: [{ jobs: ['*'], groups: 2, maxAge: 'P90D' }] })
const twoPlatforms = policyOf({ rules: [{ jobs: ['*'], groups: 1, platformsMin: 2 }] })
const exempt = policyOf({
  rules: [{ jobs: ['*'], groups: 2 }],
  exempt: [{ job: 'dns-*', reason: 'embeds signatures' }],
})

test.each<[string, ReturnType<typeof policyOf>, Vote[], Vote[], string, string | null]>([
  ['two groups agree', twoGroups, [upload('robur'), upload('tarides')], [], 'TRUSTED', null],
  ['one group', twoGroups, [upload('robur')], [], 'NOT_YET', 'needs 1 more group'],
  ['nobody who is listed', twoGroups, [upload(null)], [], 'NOT_YET', 'needs 2 more groups'],
  [
    'a group votes once',
    twoGroups,
    [upload('robur'), upload('robur', { attester: 'b' })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  ['an upload and a signature', twoGroups, [upload('robur'), signed('tarides')], [], 'TRUSTED', null],
  ['an unlisted third', twoGroups, [upload('robur'), upload('tarides'), upload(null)], [], 'TRUSTED', null],
  [
    'a revoked key',
    twoGroups,
    [upload('robur'), signed('tarides', { isRevoked: true })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  [
    'other inputs are no confirmation',
    twoGroups,
    [upload('robur'), upload('tarides', { inputId: two })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  [
    'inputs that are not known',
    twoGroups,
    [upload('robur', { inputId: null }), upload('tarides', { inputId: null })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  [
    'a signature for other inputs',
    twoGroups,
    [upload('robur'), signed('tarides', { inputId: two })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  [
    'a dispute beats trust',
    twoGroups,
    [upload('robur'), upload('tarides')],
    [upload('evil')],
    'DISPUTED',
    'evil got another output from the same inputs',
  ],
  [
    'two disputes',
    twoGroups,
    [upload('robur')],
    [upload('b'), upload('a')],
    'DISPUTED',
    'a and b got another output from the same inputs',
  ],
  [
    'a dispute by nobody who is listed',
    twoGroups,
    [upload('robur'), upload('tarides')],
    [upload(null)],
    'TRUSTED',
    null,
  ],
  [
    'a dispute by a revoked key',
    twoGroups,
    [upload('robur'), upload('tarides')],
    [signed('evil', { isRevoked: true })],
    'TRUSTED',
    null,
  ],
  [
    'a dispute about other inputs',
    twoGroups,
    [upload('robur'), upload('tarides')],
    [upload('evil', { inputId: two })],
    'TRUSTED',
    null,
  ],
  [
    'no rule for the job',
    policyOf({ rules: [{ jobs: ['x'], groups: 1 }] }),
    [upload('robur')],
    [],
    'NO_RULE',
    'no rule of the policy is about this job and platform',
  ],
  [
    'no rule for the platform',
    policyOf({ rules: [{ jobs: ['*'], platforms: ['freebsd-*'], groups: 1 }] }),
    [upload('robur')],
    [],
    'NO_RULE',
    'no rule of the policy is about this job and platform',
  ],
  [
    'the first rule wins',
    policyOf({
      rules: [
        { jobs: ['dns-*'], groups: 2 },
        { jobs: ['*'], groups: 1 },
      ],
    }),
    [upload('robur')],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  [
    'uploads are not signed',
    twoSigned,
    [upload('robur'), upload('tarides')],
    [],
    'NOT_YET',
    'needs 2 more signing groups',
  ],
  ['two signatures', twoSigned, [upload('robur'), signed('robur'), signed('tarides')], [], 'TRUSTED', null],
  [
    'an old vote',
    young,
    [upload('robur'), upload('tarides', { at: days(91) })],
    [],
    'NOT_YET',
    'needs 1 more group',
  ],
  ['votes of that age', young, [upload('robur'), upload('tarides', { at: days(90) })], [], 'TRUSTED', null],
  ['one platform', twoPlatforms, [upload('robur')], [], 'NOT_YET', 'needs 1 more platform'],
  [
    'two platforms',
    twoPlatforms,
    [upload('robur'), upload('robur', { platform: 'freebsd-14' })],
    [],
    'TRUSTED',
    null,
  ],
  ['an exemption', exempt, [upload('robur')], [], 'EXEMPT', 'embeds signatures'],
  [
    'an exemption beats a dispute',
    exempt,
    [upload('robur')],
    [upload('evil')],
    'EXEMPT',
    'embeds signatures',
  ],
])('%s', (_name, policy, votes, against, outcome, reason) => {
  expect(judge(policy, place, votes, against, now)).toMatchObject({ outcome, reason })
})

test('what is trusted by votes of an age is looked at again when the oldest is too old', () => {
  const votes = [upload('robur'), upload('tarides', { at: days(80) })]
  expect(judge(young, place, votes, [], now).expiresAt).toEqual(days(-10))
})

test.each([
  ['no JSON', '{', /is not JSON/],
  ['no version', '{}', /version/],
  ['another version', '{"version":2}', /version/],
  ['an unknown field', '{"version":1,"rule":[]}', /rule/],
  ['no groups', '{"version":1,"rules":[{"jobs":["*"]}]}', /rules\.0\.groups/],
  ['no groups at all', '{"version":1,"rules":[{"jobs":["*"],"groups":0}]}', /rules\.0\.groups/],
  ['a rule for nothing', '{"version":1,"rules":[{"jobs":[],"groups":1}]}', /rules\.0\.jobs/],
  [
    'an age in months',
    '{"version":1,"rules":[{"jobs":["*"],"groups":1,"maxAge":"P3M"}]}',
    /days, weeks or years/,
  ],
  ['an exemption without a reason', '{"version":1,"exempt":[{"job":"*"}]}', /exempt\.0\.reason/],
  [
    'a key id that is cut',
    '{"version":1,"attesters":[{"key":"06e3","name":"a","group":"b"}]}',
    /attesters\.0/,
  ],
  [
    'a user in two groups',
    '{"version":1,"attesters":[{"user":"a","group":"b"},{"user":"a","group":"c"}]}',
    /user a twice/,
  ],
])('a policy is refused for %s', (_name, text, message) => {
  expect(() => parsePolicy(text, 'policy.json')).toThrow(BadConfigError)
  expect(() => parsePolicy(text, 'policy.json')).toThrow(message)
})

test.each([
  ['NO_OUTPUT', null, 'No output'],
  ['UNCONFIRMED', { buildCount: 1, confirmedBy: null, disputedBy: null }, 'Not repeated yet'],
  ['REPRODUCED', { buildCount: 3, confirmedBy: null, disputedBy: null }, 'Repeated here ×3'],
  [
    'REPRODUCED',
    { buildCount: 3, confirmedBy: '["robur","tarides"]', disputedBy: null },
    'Confirmed by 2 independent builders (robur, tarides)',
  ],
  [
    'UNCONFIRMED',
    { buildCount: 1, confirmedBy: '["a","b","c","d","e","f"]', disputedBy: null },
    'Confirmed by 6 independent builders (a, b, c, d and 2 more)',
  ],
  ['NOT_REPRODUCIBLE', { buildCount: 3, confirmedBy: '["robur","tarides"]', disputedBy: null }, 'Disputed'],
  ['UNCONFIRMED', { buildCount: 1, confirmedBy: null, disputedBy: '["carol"]' }, 'Disputed'],
] as const)('the grade of %s, %o', (verdict, output, words) => {
  expect(gradeOf(verdict, output).words).toBe(words)
})
