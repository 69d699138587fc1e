import { describe, expect, test } from 'vitest'
import { findChanges, inputKey, type BuildInputs } from '../../../server/bisect/build-inputs.ts'
import { judgeChanges, type Hints, type SeriesBuild } from '../../../server/bisect/judge-changes.ts'
import type { BuildId } from '../../../server/ids.ts'

const none: Hints = { job: 'web', excerpt: null, brokenElsewhere: new Map(), builtElsewhere: new Map() }

/** `dns 1, lwt 5` as the packages of a build. */
const packages = (text: string): BuildInputs => ({
  PACKAGE: new Map(
    text
      .split(', ')
      .map((one) => one.split(' '))
      .map(([name = '', version = '']) => [name, version]),
  ),
})

/** `+ dns 1` and `- dns 2`: builds before and with the effect; `? dns 3`: like neither. */
function seriesOf(rows: readonly string[]): SeriesBuild[] {
  const sides = { '+': 'BEFORE', '-': 'AFTER', '?': 'OTHER' } as const
  return rows.map((row, index) => ({
    id: (index + 1) as BuildId,
    side: sides[row.charAt(0) as keyof typeof sides],
    inputs: packages(row.slice(2)),
  }))
}

/** What is said of the changes between the first build with the effect and the one before it without. */
function judge(rows: readonly string[], hints: Partial<Hints> = {}) {
  const series = seriesOf(rows)
  const first = series.findIndex(({ side }) => side === 'AFTER')
  const before = series.slice(0, first).findLast(({ side }) => side === 'BEFORE')
  const changes = findChanges(before?.inputs ?? {}, series[first]?.inputs ?? {})
  return judgeChanges(changes, series, { ...none, ...hints }).map(
    ({ name, standing, reason, clearedBy }) =>
      `${name} ${standing}${clearedBy === null ? '' : ` by ${clearedBy}`}: ${reason}`,
  )
}

describe('the cause among the changes of the inputs', () => {
  test.each<[name: string, rows: string[], expected: string[], hints?: Partial<Hints>]>([
    ['nothing changed', ['+ dns 1', '- dns 1'], []],
    ['one change', ['+ dns 1', '- dns 2'], ['dns SUSPECT: the only input that changed']],
    ['an added package', ['+ dns 1', '- dns 1, lwt 5'], ['lwt SUSPECT: the only input that changed']],
    ['two alike', ['+ dns 1, lwt 5', '- dns 2, lwt 6'], ['dns POSSIBLE: ', 'lwt POSSIBLE: ']],
    [
      'a later failure has the old version of one',
      ['+ dns 1, lwt 5', '- dns 2, lwt 6', '- dns 2, lwt 5'],
      [
        'dns SUSPECT: the only change that no other build clears',
        'lwt CLEARED by 3: a build with the effect does not have it',
      ],
    ],
    [
      'an earlier success has the new version of one',
      ['+ dns 2, lwt 5', '+ dns 1, lwt 5', '- dns 2, lwt 6'],
      [
        'lwt SUSPECT: the only change that no other build clears',
        'dns CLEARED by 1: a build without the effect has it, too',
      ],
    ],
    [
      'the build that fixed it has one of them',
      ['+ dns 1, lwt 5', '- dns 2, lwt 6', '+ dns 1, lwt 6'],
      [
        'dns SUSPECT: the only change that no other build clears',
        'lwt CLEARED by 3: a build without the effect has it, too',
      ],
    ],
    [
      'builds like neither clear nothing',
      ['? dns 2, lwt 5', '+ dns 1, lwt 5', '- dns 2, lwt 6'],
      ['dns POSSIBLE: ', 'lwt POSSIBLE: '],
    ],
    [
      'the message names one',
      ['+ dns 1, lwt 5', '- dns 2, lwt 6'],
      ['lwt SUSPECT: the message of the failure names it', 'dns POSSIBLE: '],
      { excerpt: 'Error: lwt.6 does not build; dns-client is fine' },
    ],
    [
      'other jobs broke with one',
      ['+ dns 1, lwt 5', '- dns 2, lwt 6'],
      ['dns SUSPECT: 3 other jobs broke with it within hours', 'lwt POSSIBLE: '],
      { brokenElsewhere: new Map([[inputKey({ kind: 'PACKAGE', name: 'dns' }), 3]]) },
    ],
    [
      'other jobs are built with one',
      ['+ dns 1, lwt 5', '- dns 2, lwt 6'],
      ['lwt SUSPECT: the likeliest kind of what remains', 'dns POSSIBLE: 1 other job is built with it now'],
      { builtElsewhere: new Map([[inputKey({ kind: 'PACKAGE', name: 'dns' }), 1]]) },
    ],
    [
      'one changes all the time',
      ['+ dns 1, lwt 4', '+ dns 1, lwt 5', '- dns 2, lwt 6'],
      [
        'dns SUSPECT: the likeliest kind of what remains',
        'lwt POSSIBLE: it also changed at other times, without this effect',
      ],
    ],
    [
      'packages of one release are one change',
      ['+ dns 1, dns-client 1, dns-server 1', '- dns 2, dns-client 2, dns-server 2'],
      [
        'dns SUSPECT: the only input that changed, with 2 more of its release',
        'dns-client POSSIBLE: ',
        'dns-server POSSIBLE: ',
      ],
    ],
    [
      "the job's own package",
      ['+ dns 1, web 1', '- dns 2, web 2'],
      ["web SUSPECT: it is the job's own package", 'dns POSSIBLE: '],
    ],
    [
      'each is cleared: it takes several',
      ['+ dns 2, lwt 5', '+ dns 1, lwt 5', '- dns 2, lwt 6', '- dns 2, lwt 5'],
      [
        'dns CLEARED by 1: a build without the effect has it, too',
        'lwt CLEARED by 4: a build with the effect does not have it',
      ],
    ],
  ])('%s', (_name, rows, expected, hints) => {
    expect(judge(rows, hints)).toEqual(expected)
  })

  test('a commit of a repository is never the suspect: the packages that it brings are', () => {
    const at = (text: string, commit: string) => ({
      ...packages(text),
      REPOSITORY: new Map([['default', commit]]),
    })
    const series: SeriesBuild[] = [
      { id: 1 as BuildId, side: 'BEFORE', inputs: at('dns 1', 'aaaa') },
      { id: 2 as BuildId, side: 'AFTER', inputs: at('dns 2', 'bbbb') },
    ]
    const judged = judgeChanges(findChanges(series[0]?.inputs ?? {}, series[1]?.inputs ?? {}), series, none)
    expect(judged.map(({ name, standing, reason }) => `${name} ${standing}: ${reason}`)).toEqual([
      'dns SUSPECT: the only input that changed',
      'default POSSIBLE: ',
    ])
  })

  test('names with characters of patterns are plain text, and longer names are others', () => {
    const rows = ['+ c++ 1, lwt 5', '- c++ 2, lwt 6']
    expect(judge(rows, { excerpt: 'cc: c++ failed, lwt_react too' })[0]).toMatch(/^c\+\+ SUSPECT/)
  })
})

describe('changes', () => {
  test('an opam file is a change of its own at the same version only', () => {
    const at = (version: string, file: string): BuildInputs => ({
      ...packages(`dns ${version}`),
      OPAM_FILE: new Map([['dns', file]]),
    })
    const kinds = (left: BuildInputs, right: BuildInputs) => findChanges(left, right).map(({ kind }) => kind)
    expect(kinds(at('1', 'a'), at('2', 'b'))).toEqual(['PACKAGE'])
    expect(kinds(at('1', 'a'), at('1', 'b'))).toEqual(['OPAM_FILE'])
  })

  test('kinds that one side does not tell are left out', () => {
    expect(findChanges(packages('dns 1'), {})).toEqual([])
  })
})
