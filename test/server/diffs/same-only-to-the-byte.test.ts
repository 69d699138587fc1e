import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffInputs, type InputContents, type InputsDiff } from '../../../server/diffs/diff-inputs.ts'
import { unifiedDiff } from '../../../server/diffs/text-diff.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'

const none: InputContents = { opamSwitch: null, environment: null, systemPackages: null, script: null }
const bytes = (text: string) => Buffer.from(text, 'latin1')
const byteOrderMark = '\xef\xbb\xbf'

const only = (key: keyof InputContents, left: string, right: string): InputsDiff =>
  diffInputs({ ...none, [key]: bytes(left) }, { ...none, [key]: bytes(right) })

const script = '#!/bin/sh\n# R\xe9mi\necho 1\n'

test.each<[name: string, left: string, right: string, lines: string[], lineEnds: string | null]>([
  [
    'another byte that is not UTF-8',
    script,
    script.replace('\xe9', '\xe8'),
    ['-# R<E9>mi', '+# R<E8>mi'],
    null,
  ],
  ['a byte order mark', script, byteOrderMark + script, ['-#!/bin/sh', '+\ufeff#!/bin/sh'], null],
  ['NUL', 'a\nb\n', 'a\0\nb\n', ['-a', '+a\0'], null],
  ['CR LF', 'a\nb\n', 'a\r\nb\r\n', ['-a', '-b', '+a\r', '+b\r'], 'LF → CR LF'],
  ['a CR in a line', 'echo done\n', 'echo\rdone\n', ['-echo done', '+echo\rdone'], null],
  [
    'CR instead of LF',
    'a\nb\n',
    'a\rb\r',
    ['-a', '-b', '+a\rb\r', '\\ No newline at end of file'],
    'LF → CR',
  ],
  [
    'no line end in the end',
    'a\nb\n',
    'a\nb',
    ['-b', '+b', '\\ No newline at end of file'],
    'the last line has a line end only on the left',
  ],
])(
  'a script that differs in %s is not equal, and its diff shows why',
  (_name, left, right, lines, lineEnds) => {
    const diff = only('script', left, right).script
    expect(diff?.lineEnds).toBe(lineEnds)
    expect(diff?.hunks.flatMap((hunk) => hunk.lines.filter((line) => !line.startsWith(' ')))).toEqual(lines)
    expect(diff && unifiedDiff(diff, 'left', 'right').split('\n')).toEqual(expect.arrayContaining(lines))
  },
)

test.each<
  [name: string, key: 'environment' | 'systemPackages', left: string, right: string, expected: object]
>([
  [
    'a value that is not UTF-8',
    'environment',
    'N=R\xe9mi',
    'N=R\xe8mi',
    { changed: [{ name: 'N', left: 'R<E9>mi', right: 'R<E8>mi' }] },
  ],
  [
    'a name that is not UTF-8',
    'environment',
    'N\xfe=1',
    'N\xff=1',
    { onlyLeft: [{ name: 'N<FE>', value: '1' }], onlyRight: [{ name: 'N<FF>', value: '1' }] },
  ],
  [
    'a byte order mark',
    'environment',
    'PATH=/bin',
    `${byteOrderMark}PATH=/bin`,
    { onlyLeft: [{ name: 'PATH', value: '/bin' }], onlyRight: [{ name: '\ufeffPATH', value: '/bin' }] },
  ],
  ['NUL', 'environment', 'A=1', 'A=1\0', { changed: [{ name: 'A', left: '1', right: '1\0' }] }],
  [
    'a version that is not UTF-8',
    'systemPackages',
    'gcc=1\xe9',
    'gcc=1\xe8',
    { changed: [{ name: 'gcc', left: '1<E9>', right: '1<E8>' }] },
  ],
])('%s in lists is a change', (_name, key, left, right, expected) => {
  const diff = only(key, left, right)
  expect(diff[key]).toEqual({ onlyLeft: [], onlyRight: [], changed: [], ...expected })
  expect(diff.unlisted).toEqual([])
})

const switchOf = (synopsis: string) =>
  `roots: ["a.1"]\ninstalled: ["a.1"]\npackage "a" {\n  synopsis: "${synopsis}"\n  build: ["make"]\n}\n`

test.each([
  ['raw bytes', 'R\xe9mi', 'R\xe8mi'],
  ['escaped bytes', 'R\\xe9mi', 'R\\xe8mi'],
  ['escaped bytes, decimal', 'R\\233mi', 'R\\232mi'],
])('an opam file whose string differs in %s is listed', (_name, left, right) => {
  const { opam } = only('opamSwitch', switchOf(left), switchOf(right))
  expect(opam?.fileChanged[0]?.diff).toMatchObject({ removedCount: 1, addedCount: 1 })
  expect(opam?.fileChanged[0]?.diff.hunks[0]?.lines).toEqual(
    expect.arrayContaining(['-synopsis: "R<E9>mi"', expect.stringMatching(/^\+synopsis: "R<E8>mi"$/)]),
  )
})

test.each<[name: string, key: keyof InputContents, left: string, right: string, words: RegExp]>([
  ['CR LF in an environment', 'environment', 'A=1\nB=2\n', 'A=1\r\nB=2\r\n', /line ends: LF → CR LF$/],
  ['no line end in the end', 'environment', 'A=1\nB=2\n', 'A=1\nB=2', /line ends: the last line/],
  ['the order of lines', 'environment', 'A=1\nB=2\n', 'B=2\nA=1\n', /order/],
  ['empty lines', 'systemPackages', 'gcc=1\ngit=2\n', 'gcc=1\n\n\ngit=2\n', /empty lines/],
  ['a repeated name', 'systemPackages', 'gcc=1\n', 'gcc=1\ngcc=1\n', /repeated/],
  [
    'a byte order mark of a switch',
    'opamSwitch',
    switchOf('x'),
    byteOrderMark + switchOf('x'),
    /byte order mark/,
  ],
  ['a comment in a switch', 'opamSwitch', switchOf('x'), `# hello\n${switchOf('x')}`, /comments/],
  [
    'line ends of a switch',
    'opamSwitch',
    switchOf('x'),
    switchOf('x').replaceAll('\n', '\r\n'),
    /LF → CR LF$/,
  ],
])('%s is no listed change, and yet not called equal', (_name, key, left, right, words) => {
  const diff = only(key, left, right)
  expect(diff.unlisted).toEqual([{ input: expect.any(String), words: expect.stringMatching(words) }])
  expect(only(key, left, left).unlisted).toEqual([])
})

function isCalledEqual({ script: lines, environment, systemPackages, unlisted }: InputsDiff): boolean {
  const counts = [environment, systemPackages].map((lists) =>
    lists ? lists.onlyLeft.length + lists.onlyRight.length + lists.changed.length : 0,
  )
  return (
    unlisted.length === 0 &&
    counts.every((count) => count === 0) &&
    !(lines && lines.addedCount + lines.removedCount > 0)
  )
}

test('contents are called equal exactly when their bytes are', () => {
  const piece = fc.constantFrom(
    'A=1',
    'B=2',
    '=',
    '-',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\xe9',
    '\xe8',
    byteOrderMark,
    'x',
    ' ',
  )
  const content = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  const key = fc.constantFrom<keyof InputContents>('script', 'environment', 'systemPackages')
  fc.assert(
    fc.property(key, content, content, (name, left, right) => {
      expect(isCalledEqual(only(name, left, right))).toBe(left === right)
    }),
    { seed: 3, numRuns: 1_000 },
  )
})

test('a switch in which one byte is another is not called equal', () => {
  const whole = switchOf('R\xe9mi of \\xe9')
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const other = whole.slice(0, at) + String.fromCharCode(byte) + whole.slice(at + 1)
      const { opam, unlisted, missing } = only('opamSwitch', whole, other)
      const { duniverse: _, ...lists } = opam ?? { duniverse: null }
      const isListed = Object.values(lists).some((list) => list.length > 0)
      expect(isListed || unlisted.length > 0 || missing.some(({ input }) => input === 'OPAM_SWITCH')).toBe(
        whole !== other,
      )
    }),
    { seed: 4, numRuns: 1_000 },
  )
})

const report = (file: string) =>
  readFileSync(corpusPath('reports/01-compare-says-equal-though-bytes-differ', file))

test.skipIf(!hasCorpus).each([
  ['latin1', { changed: [{ name: 'NAME', left: 'Ren<E9>', right: 'Ren<E8>' }] }],
  ['bom', { onlyLeft: [{ name: 'PATH' }], onlyRight: [{ name: '\ufeffPATH' }] }],
])('reported scripts and environments that differ (%s)', (name, environment) => {
  const inputs = (side: string) => ({
    ...none,
    script: report(`${side}.script`),
    environment: report(`${side}.build-environment`),
  })
  expect(diffInputs(inputs('left'), inputs(`right-${name}`))).toMatchObject({
    script: { removedCount: 1, addedCount: 1, lineEnds: null },
    environment,
  })
})

test.skipIf(!hasCorpus).each([
  ['crlf', 5, 'LF → CR LF'],
  ['cr', 1, null],
])('reported scripts whose line ends differ (%s)', (name, lines, lineEnds) => {
  const read = (side: string) => ({
    ...none,
    script: readFileSync(corpusPath('reports/08-diff-line-ends-invisible', `${side}.script`)),
  })
  expect(diffInputs(read('left'), read(`right-${name}`)).script).toMatchObject({
    removedCount: lines,
    addedCount: lines,
    lineEnds,
  })
})
