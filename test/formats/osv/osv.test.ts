import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLinked } from '../../../server/advisories/is-linked.ts'
import { MalformedError } from '../../../server/errors.ts'
import { isAffected } from '../../../server/formats/osv/is-affected.ts'
import { parseOsv } from '../../../server/formats/osv/parse-osv.ts'
import { severityOf } from '../../../server/formats/osv/severity.ts'
import { seedOf, signedInputs } from '../../long.ts'
import { advisory, affected } from '../../server/advisories/osv-feed.ts'
import { mutate } from '../mutate.ts'
import { seeded } from '../whole-record.ts'

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))

// Most mutants are refused, and a trace costs more than the reading.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

test('an advisory is read, without ranges of commits and links that a page must not have', () => {
  const given = advisory('T-2026-01', {
    affected: [
      {
        ...affected('dns', [{ introduced: '0' }, { fixed: '9.1.0' }], ['Dns.Name.of_string']),
        ranges: [
          { type: 'GIT', events: [{ introduced: '0' }] },
          { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '9.1.0' }] },
        ],
      },
    ],
    references: [{ type: 'WEB', url: 'javascript:alert(1)' }],
    summary: 'a \0 and half a \ud800',
  })
  expect(parseOsv(bytes(given))).toEqual({
    id: 'T-2026-01',
    modified: new Date('2026-06-18T13:45:00Z'),
    published: new Date('2026-06-18T13:45:00Z'),
    withdrawn: null,
    aliases: ['CVE-2026-1'],
    summary: 'a \ufffd and half a \ufffd',
    details: 'A **long** name <script>alert(1)</script> breaks it.',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
    affected: [
      {
        ...{ ecosystem: 'opam', name: 'dns', versions: [], bindings: ['Dns.Name.of_string'] },
        ranges: [
          [
            { kind: 'introduced', version: '0' },
            { kind: 'fixed', version: '9.1.0' },
          ],
        ],
      },
    ],
    references: [],
    credits: ['Carol'],
  })
})

test.each([
  ['no JSON', Buffer.from('{'), 'no JSON'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'no JSON in UTF-8'],
  ['a list', bytes([]), 'it: '],
  ['no id', bytes({ modified: '2026-06-18T13:45:00Z' }), 'id: '],
  ['an id that leads elsewhere', bytes(advisory('../x')), 'id: is no id'],
  ['no time', bytes(advisory('T', { modified: 'today' })), 'modified: '],
  [
    'a package without a name',
    bytes(advisory('T', { affected: [affected('', [])] })),
    'affected.0.package.name: ',
  ],
  [
    'a version that is a number',
    bytes(advisory('T', { affected: [affected('a', [{ fixed: 1 }])] })),
    'the event fixed',
  ],
  ['too many bytes', Buffer.alloc(1024 ** 2 + 1, 0x20), 'more than 1048576 bytes'],
])('%s is refused, and the message says why', (_name, input, reason) => {
  expect(() => parseOsv(input)).toThrow(MalformedError)
  expect(() => parseOsv(input)).toThrow(reason)
})

test('whatever the bytes, an advisory is read or refused', () => {
  const random = seeded(seedOf(40))
  const valid = bytes(advisory('T-2026-01'))
  for (let count = signedInputs; count > 0; count--) {
    try {
      parseOsv(mutate(valid, random))
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
  }
})

test.each([
  ['9.0.0', true],
  ['9.1.0', false],
  ['9.1.0~rc1', true],
  ['9.2.0', false],
  ['10.0.0', true],
  ['10.2.0', true],
  ['10.2.1', false],
])('version %s is affected: %s', (version, expected) => {
  const ranges = [
    [
      { kind: 'fixed' as const, version: '9.1.0' },
      { kind: 'introduced' as const, version: '0' },
    ],
    [
      { kind: 'introduced' as const, version: '10' },
      { kind: 'last_affected' as const, version: '10.2.0' },
    ],
  ]
  expect(isAffected({ ecosystem: 'opam', name: 'dns', ranges, versions: [] }, version)).toBe(expected)
})

test('a version without the v of its package is the same version', () => {
  const it = { ecosystem: 'opam', name: 'base', ranges: [], versions: ['v0.16.0'] }
  expect(['v0.16.0', '0.16.0', '0.16.1'].map((version) => isAffected(it, version))).toEqual([
    true,
    true,
    false,
  ])
})

test('a score is of the newest CVSS that can be read', () => {
  const v3 = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }
  const v4 = { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N' }
  expect(severityOf({ severity: [v3, v4] })).toEqual({ score: 8.7, word: 'HIGH' })
  expect(severityOf({ severity: [v3, { type: 'CVSS_V4', score: 'nonsense' }] })).toEqual({
    score: 7.5,
    word: 'HIGH',
  })
  expect(severityOf({ severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:L' }] })).toBeNull()
})

test.each([
  [['Cohttp.Path.resolve'], ['Cohttp', 'Cohttp__Path'], 'LINKED', 'Cohttp__Path'],
  [['Cohttp_lwt.Make().resolve'], ['Cohttp_lwt'], 'LINKED', 'Cohttp_lwt'],
  [['Bigarray.reshape'], ['Stdlib', 'Stdlib__Bigarray'], 'LINKED', 'Stdlib__Bigarray'],
  [['Cohttp.Path.resolve'], ['Tls'], 'NOT_LINKED', null],
  [['caml_ba_reshape'], ['Tls'], 'UNKNOWN', null],
  [['Cohttp.Path.resolve'], null, 'UNKNOWN', null],
])('functions %j in the modules %j: %s', (bindings, units, linked, unit) => {
  expect(isLinked(bindings, units)).toEqual({ linked, unit })
})
