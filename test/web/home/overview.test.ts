import { expect, test } from 'vitest'
import { filterJobs, firstRows, groupJobs, readView, type OverviewJob } from '../../../web/home/overview.ts'

const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`

function job(name: string, parts: Partial<OverviewJob> = {}, platforms: [string, number][] = [['a', 1]]) {
  return {
    ...{ name, section: 'Packages', synopsis: null, version: null, sizeBytes: 1, sizes: [], sha256: null },
    ...{ downloadPath: null, problems: [], grade: null, solo5: null },
    platforms: platforms.map(([platform, day]) => ({
      ...{ name: platform, newestBuild: '', newestBuildAt: at(day), version: null, problems: [] },
      ...{ otherOutputPath: null, failing: null },
    })),
    ...parts,
  } as OverviewJob
}

const solo5 = { target: 'HVT', netDevices: [], blockDevices: [] } as const
const jobs = [
  job('dns', { section: 'Unikernels', solo5, synopsis: 'A server of names', sizeBytes: 5 } as never, [
    ['b', 3],
  ]),
  job('fleet', { problems: ['FAILING', 'STALE'], section: null }),
  job('tool', { problems: ['DISPUTED'], sizeBytes: 9 }, [
    ['a', 4],
    ['b', 2],
  ]),
  job('zone', { grade: { kind: 'NOT_REPEATED', words: '', builders: [] } } as never),
]
const names = (found: readonly OverviewJob[]) => found.map(({ name }) => name)
const shown = (query: string, isAll = false) =>
  names(filterJobs(jobs, readView(new URLSearchParams(query)), isAll))
const grouped = (query: string) =>
  groupJobs(jobs, readView(new URLSearchParams(query))).map(([heading, own]) => [heading, names(own)])

test.each([
  ['', ['dns', 'tool', 'zone']],
  ['state=stale', ['fleet']],
  ['state=failing', []],
  ['state=disputed', ['tool']],
  ['state=unconfirmed', ['zone']],
  ['state=constructor', ['dns', 'tool', 'zone']],
  ['filter=NAMES+server', ['dns']],
  ['filter=names+clients', []],
  ['section=Unikernels', ['dns']],
  ['platform=b', ['dns', 'tool']],
  ['target=hvt', ['dns']],
])('the query %j shows %j', (query, expected) => expect(shown(query)).toEqual(expected))

test('the page of all jobs shows those that nobody builds any more', () => {
  expect(shown('', true)).toEqual(['dns', 'fleet', 'tool', 'zone'])
  expect(shown('state=failing', true)).toEqual(['fleet'])
})

test.each([
  [
    '',
    [
      ['Unikernels', ['dns']],
      ['Packages', ['tool', 'zone']],
      ['Uncategorized', ['fleet']],
    ],
  ],
  [
    'by=target',
    [
      ['hvt', ['dns']],
      ['No unikernel', ['fleet', 'tool', 'zone']],
    ],
  ],
  [
    'by=platform',
    [
      ['a', ['fleet', 'tool', 'zone']],
      ['b', ['dns', 'tool']],
    ],
  ],
  [
    'by=state',
    [
      ['failing', ['fleet']],
      ['disputed', ['tool']],
      ['not repeated yet', ['zone']],
      ['good', ['dns']],
    ],
  ],
  ['by=nothing&order=newest', [['Jobs', ['tool', 'dns', 'fleet', 'zone']]]],
  ['by=nothing&order=largest', [['Jobs', ['tool', 'dns', 'fleet', 'zone']]]],
  ['by=nothing&order=toString', [['Jobs', ['dns', 'fleet', 'tool', 'zone']]]],
])('the query %j groups and orders', (query, expected) => expect(grouped(query)).toEqual(expected))

test.each([
  [0, []],
  [1, [['Unikernels', ['dns']]]],
  [
    2,
    [
      ['Unikernels', ['dns']],
      ['Packages', ['tool']],
    ],
  ],
  [
    9,
    [
      ['Unikernels', ['dns']],
      ['Packages', ['tool', 'zone']],
      ['Uncategorized', ['fleet']],
    ],
  ],
])('%i rows are drawn of the first groups', (rows, expected) => {
  const groups = groupJobs(jobs, readView(new URLSearchParams()))
  expect(firstRows(groups, rows).map(([heading, own]) => [heading, names(own)])).toEqual(expected)
})
