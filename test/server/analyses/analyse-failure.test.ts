import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildConsole } from '../../../demo/console.ts'
import { analyseFailure } from '../../../server/analyses/failure/analyse-failure.ts'
import { failureClasses } from '../../../server/analyses/failure/failure-rule.ts'
import { failureRules } from '../../../server/analyses/failure/failure-rules.ts'
import { indexRecordBytes, writeIndexRecord } from '../../../server/builds/console-line.ts'
import { rangesOf } from '../../../server/formats/file-ranges.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { seeded } from '../../formats/whole-record.ts'
import { failureConsoles } from './failure-consoles.ts'
import { failureSamples } from './failure-samples.ts'

/** As the hub stores a console: each line with its time. */
const asConsole = (text: string) => Buffer.from(text.replace(/^(?=.|\n)/gm, '1.500s:'))

/** What a build prints before it fails: all that is no failure. */
const before = Array.from(
  { length: 50 },
  (_, i) => `⬇ retrieved package.${i}\n∗ installed package.${i}\n`,
).join('')

describe.each(Object.entries(failureSamples))('%s', (_name, sample) => {
  const lines = sample.text.split('\n')
  const [first, last] = sample.excerpt
  const expected = lines.slice(first, last + 1)

  test('is found by its rule, with the lines that explain it', () => {
    const found = analyseFailure(asConsole(before + sample.text))
    expect({ class: found.class, rule: found.rule }).toEqual({ class: sample.class, rule: sample.rule })
    if (sample.rule) {
      expect(found.excerpt).toEqual({ firstLine: 100 + first + 1, lines: expected })
      expect(found.line).toBeGreaterThan(100)
      expect(found.line).toBeLessThanOrEqual(100 + last + 1)
    } else {
      expect(found.excerpt).toBeNull()
      expect(found.ending?.lines.slice(-expected.length)).toEqual(expected)
    }
  })

  test('is found with colours, with carriage returns, and without times', () => {
    const coloured = lines
      .map((line) =>
        line === ''
          ? ''
          : `progress 10%\r\x1b[K\x1b[33m${line.slice(0, 3)}\x1b[0m\x1b[1;31m${line.slice(3)}\x1b[0m`,
      )
      .join('\n')
    const found = analyseFailure(Buffer.from(coloured))
    expect(found.rule).toBe(sample.rule)
    if (sample.rule) expect(found.excerpt).toEqual({ firstLine: first + 1, lines: expected })
  })
})

const consoles = failureConsoles()

test('no console is explained wrongly, and every one that says why is explained', () => {
  const found = consoles.map((console) => ({ console, failure: analyseFailure(Buffer.from(console.text)) }))
  const missed = found.filter(({ console, failure }) => console.class !== failure.class)
  const wrong = missed.filter(({ failure }) => failure.class !== 'UNKNOWN')
  const share = (count: number) => `${((100 * count) / found.length).toFixed(1)} %`
  process.stdout.write(
    `${found.length} consoles: ${share(found.length - missed.length)} right, ${share(wrong.length)} wrong, ` +
      `${share(missed.length - wrong.length)} unknown\n`,
  )
  const toWords = ({ console, failure }: (typeof found)[number]) =>
    `${console.file}: ${console.name}: ${failure.class} by ${failure.rule} instead of ${console.class}`
  expect(wrong.map(toWords)).toEqual([])
  expect(missed.map(toWords)).toEqual([])
  expect(found.length).toBeGreaterThanOrEqual(170)
})

test.each(['LF', 'CRLF, colours and times', "opam's report", 'opam --verbose'])(
  'consoles are explained alike in the form of %s',
  (form) => {
    const inForm = (text: string) => {
      const lines = text.trimEnd().split('\n')
      switch (form) {
        case 'CRLF, colours and times':
          return lines.map((line) => `12.345s:\x1b[0m${line.slice(0, 4)}\x1b[31m${line.slice(4)}\x1b[m\r`)
        case "opam's report":
          return ['### output ###', ...lines.map((line) => `# ${line}`), '', '<><> Error report <><>']
        case 'opam --verbose':
          return lines.map((line) => `- ${line}`)
        default:
          return lines
      }
    }
    // Lines that are opam's own, and shells' traces around it, do not stand in these forms.
    const isPlain = ({ text }: { text: string }) => !/^(?:\[|#|\+ |<><>|- |⬇|∗)|\x1b|\r/m.test(text)
    const wrong = consoles.filter(isPlain).flatMap((console) => {
      const found = analyseFailure(Buffer.from(inForm(console.text).join('\n')))
      return found.class === console.class ? [] : [`${console.name}: ${found.class} by ${found.rule}`]
    })
    expect(wrong).toEqual([])
  },
)

test('the excerpt holds the line that was matched, or is the end of the report that the line heads', () => {
  for (const { name, text } of consoles) {
    const { excerpt, line, rule } = analyseFailure(Buffer.from(text))
    expect(rule === null, name).toBe(excerpt === null)
    if (!excerpt || line === null) continue
    expect(line, name).toBeLessThan(excerpt.firstLine + excerpt.lines.length)
    if (!/^(?:\[ERROR\] The |#===|# exit-code)/.test(text.split('\n')[line - 1] ?? '')) {
      expect(line, name).toBeGreaterThanOrEqual(excerpt.firstLine)
    }
  }
})

test('every rule and every class of a console has a sample', () => {
  const rules = [
    ...Object.values(failureSamples).map(({ rule }) => rule),
    ...consoles.map(({ text }) => analyseFailure(Buffer.from(text)).rule),
  ]
  expect(new Set(rules)).toEqual(new Set([...failureRules.map(({ name }) => name), null]))
  const classes = failureClasses.filter((one) => one !== 'NO_BINARY')
  expect(new Set(consoles.map((console) => console.class))).toEqual(new Set(classes))
})

test('of a download that failed first, and an error of a compiler at the end, the end counts', () => {
  const download = 'curl: (7) Failed to connect\nretrying\n'
  expect(analyseFailure(asConsole(download + before + failureSamples['a type error']!.text)).class).toBe(
    'COMPILE_ERROR',
  )
})

/** The console file and its index of entries, each with a text that may have line breaks. */
function consoleOf(entries: readonly string[]): { file: Buffer; index: Buffer } {
  const lines = entries.flatMap((text, entry) =>
    text.split('\n').map((line, place) => ({
      text: place === 0 ? `${entry + 1}.000s:${line}\n` : `${line}\n`,
      isContinuation: place > 0,
    })),
  )
  const index = Buffer.alloc(lines.length * indexRecordBytes)
  let offset = 0
  lines.forEach(({ text, isContinuation }, line) => {
    writeIndexRecord(index, line * indexRecordBytes, offset, isContinuation, Buffer.alloc(8))
    offset += Buffer.byteLength(text)
  })
  return { file: Buffer.from(lines.map(({ text }) => text).join('')), index }
}

test('text that looks like a time stays in the excerpt where a line goes on an entry', () => {
  const { file, index } = consoleOf([
    'timings of the tests:\n0.500s: parse\n12.250s: solve\n-1.000s: skew',
    'File "a.ml", line 1, characters 0-3:\nError: Unbound value foo',
  ])
  const { excerpt, ending, last } = analyseFailure(file, rangesOf(index))
  expect(excerpt).toEqual({
    firstLine: 5,
    lines: ['File "a.ml", line 1, characters 0-3:', 'Error: Unbound value foo'],
  })
  expect(ending?.lines.slice(0, 4)).toEqual([
    'timings of the tests:',
    '0.500s: parse',
    '12.250s: solve',
    '-1.000s: skew',
  ])
  expect(last).toBeNull()
  // The index of a console whose beginning is not read any more, too.
  const long = consoleOf([...Array.from({ length: 50_000 }, () => 'x'), 'Error: a\n0.500s: parse'])
  expect(analyseFailure(long.file, rangesOf(long.index)).ending?.lines.at(-1)).toBe('0.500s: parse')
})

test('the excerpt is what a terminal shows: lines that were written over or erased are empty', () => {
  const lines = [
    'File "a.ml", line 1, characters 0-3:',
    'Error: Unbound value fooooo',
    '\x1b[1A\x1b[2KError: Unbound value bar\x1b[1E',
    'typing\b\b\b\b\b\bchecked',
  ]
  const { excerpt, line } = analyseFailure(asConsole(lines.join('\n')))
  expect(line).toBe(2)
  expect(excerpt).toEqual({
    firstLine: 1,
    lines: ['File "a.ml", line 1, characters 0-3:', 'Error: Unbound value bar'],
  })
})

test('a full disk ranks before the errors that it caused', () => {
  const text = 'ld: final link failed: No space left on device\ncollect2: error: ld returned 1 exit status\n'
  expect(analyseFailure(asConsole(text))).toMatchObject({ class: 'OUT_OF_SPACE', line: 1 })
})

test('an empty console has no excerpt', () => {
  const nothing = { class: 'UNKNOWN', rule: null, because: null, line: null, excerpt: null, ending: null }
  expect(analyseFailure(Buffer.of())).toMatchObject({ ...nothing, last: null })
  expect(analyseFailure(Buffer.from('\n\n\n'))).toMatchObject(nothing)
})

test('lines keep their numbers after 100 MB', () => {
  const filler = Buffer.alloc(100 * 1024 * 1024, `1.500s:${'x'.repeat(92)}\n`)
  const end = filler.lastIndexOf(0x0a) + 1
  const file = Buffer.concat([filler.subarray(0, end), asConsole('curl: (6) Could not resolve host\n')])
  const found = analyseFailure(file)
  expect(found).toMatchObject({ rule: 'fetch', line: end / 100 + 1 })
})

test('an error of a compiler in front of a long end is found, one that may have passed is not', () => {
  const end = `${'x'.repeat(99)}\n`.repeat(60_000)
  const compiler = 'File "a.ml", line 1, characters 0-3:\nError: Unbound value foo\n'
  expect(analyseFailure(Buffer.from(compiler + end))).toMatchObject({
    rule: 'ocaml-error',
    line: 2,
    excerpt: { firstLine: 1 },
    isAtEnd: false,
  })
  expect(analyseFailure(Buffer.from(`curl: (6) no\n${end}`))).toMatchObject({ rule: null, line: null })
  expect(analyseFailure(Buffer.from(`tar: x: No space left on device\n${end}`)).rule).toBeNull()
})

test.each([
  ['a shell', '1.000s:+ make -C lamp world\n61.500s:lights on\n', 'make -C lamp world', 1],
  ['dune', '1.000s:+ dune build\n2.000s:Running[17]: (cd _build/default && ./gen.exe)\n', './gen.exe', 2],
  ['opam', '1.000s:+ opam install lamp\n2.000s:Processing  3/5: [lamp: dune build]\n', 'lamp: dune build', 2],
  ['opam, verbose', '1.000s:+ /usr/bin/make "all" (CWD=/b/lamp)\n', '/usr/bin/make "all"', 1],
])('the last command is known: %s', (_name, text, command, line) => {
  expect(analyseFailure(Buffer.from(text)).last).toEqual({
    command,
    line,
    startedSeconds: line,
    lastSeconds: text.includes('61.5') ? 61.5 : line,
  })
})

test.each([
  ['one line of 5 MB', Buffer.alloc(5e6, 'x')],
  ['newlines only', Buffer.alloc(5e6, '\n')],
  ['lines of one character', Buffer.alloc(5e6, 'x\n')],
  ['escapes', Buffer.alloc(5e6, '\x1b[')],
  ['an escape that does not end', Buffer.alloc(5e6, '\x1b[0;')],
  ['titles that do not end', Buffer.alloc(5e6, '\x1b]0;x')],
  ['carriage returns', Buffer.alloc(5e6, '\r')],
  ['places without errors', Buffer.alloc(5e6, 'File "a", line 1\n')],
  ['errors without places', Buffer.alloc(5e6, 'Error: x\n')],
  ['half a place', Buffer.alloc(5e6, `File "${'a'.repeat(3000)}\n`)],
  ['colons', Buffer.alloc(5e6, `${'a:1:'.repeat(900)}\n`)],
  ['quotes', Buffer.alloc(5e6, `${'failed at "'.repeat(300)}\n`)],
  ['headings', Buffer.alloc(5e6, 'exit-code 137\n### output ###\n')],
  ['digits', Buffer.alloc(5e6, '1')],
  ['headings of differences', Buffer.alloc(5e6, '--- a\n+++ b\n@@ -1,9999999 +1,9999999 @@\n')],
  ['ends of tests', Buffer.alloc(5e6, 'x\nOK\n')],
  ['traces', Buffer.alloc(5e6, '+ a b=c\n')],
  ['places of dune', Buffer.alloc(5e6, `File "dune", line 1, characters 0-1:\n${' x\n'.repeat(15)}`)],
  ['colons and spaces', Buffer.alloc(5e6, `${'a: '.repeat(1300)}\n`)],
  ['messages that go on', Buffer.alloc(5e6, `${'x: No space left on device '.repeat(150)}\n`)],
  ['tests that do not end', Buffer.alloc(5e6, `test ${'a ... '.repeat(600)}\n`)],
  ['no UTF-8', Buffer.alloc(5e6, 0xff)],
])('%s: bounded in time and size', (_name, file) => {
  const before = process.cpuUsage()
  const result = JSON.stringify(analyseFailure(file))
  const { user, system } = process.cpuUsage(before)
  // It takes some 300 ms; where it grew with the square of the size, minutes.
  expect((user + system) / 1e6).toBeLessThan(20)
  expect(result.length).toBeLessThan(64 * 1024)
})

test('20,000 mutants are classified or not, but always in time', () => {
  const random = seeded(7)
  const texts = Object.values(failureSamples).map(({ text }) => asConsole(text))
  const classes = new Set<string>()
  for (let i = 0; i < 20_000; i++) {
    const file = Buffer.from(texts[i % texts.length] ?? '')
    for (let edits = 1 + random(6); edits > 0; edits--) {
      file[random(file.length)] = [0, 0x0a, 0x0d, 0x1b, 0x22, 0x3a, 0x5b, 0xff][random(8)] ?? 0
    }
    const { class: found, line, excerpt } = analyseFailure(file)
    classes.add(found)
    if (line === null || !excerpt) continue
    if (line >= excerpt.firstLine + excerpt.lines.length || excerpt.lines.length === 0) {
      throw new Error(`line ${line} is after the excerpt: ${file.toString('latin1')}`)
    }
  }
  expect(classes.size).toBe(failureClasses.length - 1)
})

test('the consoles of the demo have their intended reasons', () => {
  const story = {
    seed: 'x',
    job: 'beacon',
    isFreebsd: false,
    packages: ['dune.3.16.0', 'beacon.1.0'],
    verboseUnits: [],
    hasColours: true,
    durationSeconds: 60,
  }
  const classOf = (end: Parameters<typeof buildConsole>[0]['end'], isFreebsd = false) =>
    analyseFailure(
      Buffer.from(
        buildConsole({ ...story, end, isFreebsd })
          .map(({ seconds, text }) => `${seconds.toFixed(3)}s:${text}\n`)
          .join(''),
      ),
    ).class
  const broken = { packageName: 'beacon', version: '1.0' }
  expect(classOf({ kind: 'unsolvable', reasons: ['no'] })).toBe('DEPENDENCY_NOT_SOLVABLE')
  expect(classOf({ kind: 'compile-error', ...broken, lines: ['File "a.ml", line 1:', 'Error: no'] })).toBe(
    'COMPILE_ERROR',
  )
  expect(classOf({ kind: 'test-failure', ...broken, lines: ['[FAIL] a'] })).toBe('TEST_FAILED')
  for (const isFreebsd of [true, false]) {
    expect(classOf({ kind: 'succeeded', artifacts: ['bin/a'] }, isFreebsd)).toBe('UNKNOWN')
    expect(classOf({ kind: 'silent' }, isFreebsd)).toBe('UNKNOWN')
  }
})

describe.skipIf(!hasCorpus)('real consoles (skipped where the corpus is absent)', () => {
  const analyse = (name: string) => analyseFailure(readFileSync(corpusPath('console', name)))

  test.each(['failing-plain.txt', 'failing-color.txt'])('%s: an error of the compiler', (name) => {
    const found = analyse(name)
    expect(found).toMatchObject({ class: 'COMPILE_ERROR', rule: 'ocaml-error' })
    expect(found.excerpt?.lines).toEqual([
      '# File "src/broken.ml", line 3, characters 29-31:',
      '# 3 | let () = Lwt_main.run (greet 42)',
      '#                                  ^^',
      '# Error: This expression has type int but an expression was expected of type',
      '#          string',
    ])
  })

  test('opam-plain-partial-failure.txt: a library that is missing', () => {
    const found = analyse('opam-plain-partial-failure.txt')
    expect(found).toMatchObject({ class: 'COMPILE_ERROR', rule: 'ocaml-error' })
    expect(found.excerpt?.lines.slice(0, 4)).toEqual([
      '# File "lib/dune", line 4, characters 12-15:',
      '# 4 |  (libraries seq)',
      '#                 ^^^',
      '# Error: Library "seq" not found.',
    ])
  })

  test('those of successful builds tell of no failure', () => {
    const names = readdirSync(corpusPath('console')).filter((name) => !name.includes('fail'))
    expect(names.length).toBeGreaterThan(3)
    expect(names.map((name) => [name, analyse(name).rule])).toEqual(names.map((name) => [name, null]))
  })

  test.each([
    ['09-failure-full-disk-that-is-not/console.txt', 'UNKNOWN', 'sandbox', 12],
    ['10-failure-quoted-source-line/console.txt', 'COMPILE_ERROR', 'c-error', 14],
    ['11-failure-git-rpc/console.txt', 'DOWNLOAD_FAILED', 'git-fetch', 3],
    ['12-failure-opam-switch-create/console.txt', 'DEPENDENCY_NOT_SOLVABLE', 'opam-no-solution', 3],
    ['13-failure-ocaml5-heap/console.txt', 'OUT_OF_MEMORY', 'no-memory', 2],
    ['13-failure-ocaml5-heap/console-make.txt', 'OUT_OF_MEMORY', 'no-memory', 1],
    ['14-failure-dune-verbose/console-exit.txt', 'TEST_FAILED', 'dune-test-program', 2],
    ['14-failure-dune-verbose/console-signal.txt', 'KILLED', 'process-crashed', 2],
  ])('reported: %s', (path, failureClass, rule, line) => {
    const found = analyseFailure(readFileSync(corpusPath('reports', path)))
    expect(found).toMatchObject({ class: failureClass, rule, line })
  })
})
