import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { describeSwitch } from '../../../server/formats/opam/describe-switch.ts'
import { diffSwitches } from '../../../server/formats/opam/diff-switches.ts'
import { parseOpam } from '../../../server/formats/opam/parser.ts'
import { printOpam } from '../../../server/formats/opam/printer.ts'
import { parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { placeless, printable } from './fixture.ts'

/** builder-web's comparison of two switches. */
type UpstreamDiff = {
  opam_diff: { package_version: string; effectively_equal: boolean; diff: string }[]
  version_diff: { name: string; version_left: string; version_right: string }[]
  only_in_left: { name: string; version: string }[]
  only_in_right: { name: string; version: string }[]
  duniverse_diff:
    | string
    | {
        left: { name: string; value: string }[]
        right: { name: string; value: string }[]
        detailed_diff: { name: string }[]
      }
}

function read(...path: string[]): string {
  return readFileSync(corpusPath(...path), 'utf8')
}

describe.skipIf(!hasCorpus)('with the corpus', () => {
  const switches = hasCorpus
    ? readdirSync(corpusPath('switches')).flatMap((job) =>
        readdirSync(corpusPath('switches', job)).map((variant) => ({
          name: `${job}-${variant}`,
          job,
          variant,
        })),
      )
    : []
  const textOf = (name: string) => {
    const found = switches.find((it) => it.name === name)
    if (!found) throw new Error(`no switch ${name}`)
    return read('switches', found.job, found.variant, 'opam-switch')
  }

  test('it has 76 switches', () => {
    expect(switches.length).toBe(76)
  })

  test.each(switches)('$name is printed as opam wrote it', ({ name }) => {
    const text = textOf(name)
    const items = parseOpam(text)
    expect(`${printOpam(items)}\n` === text).toBe(true)
    const { roots, installed } = parseSwitchExport(text)
    expect(roots.length).toBe(1)
    expect(installed).toEqual(expect.arrayContaining([...roots]))
  })

  test.each(switches)('$name is described', ({ name, job }) => {
    const unikernels = ['dns-letsencrypt-secondary', 'dns-primary-git', 'dnsvizor']
    const quiet = ['mollymawk', 'qubes-firewall', 'unipi']
    const section = unikernels.includes(job)
      ? 'Unikernels (with metrics reported to Influx)'
      : quiet.includes(job)
        ? 'Unikernels'
        : 'Packages'
    const description = describeSwitch(textOf(name))
    expect(description?.section).toBe(section)
    expect(description?.synopsis).toBeTruthy()
  })

  const pairs = hasCorpus
    ? readdirSync(corpusPath('opamdiff')).map((file) => {
        const [left = '', right = ''] = file.replace(/\.json$/, '').split('__')
        return { file, left, right }
      })
    : []

  test.each(pairs)('$left and $right compare as by builder-web', ({ file, left, right }) => {
    const upstream = JSON.parse(read('opamdiff', file)) as UpstreamDiff
    const diff = diffSwitches(parseSwitchExport(textOf(left)), parseSwitchExport(textOf(right)))
    const changed = diff.changedSections.filter((it) => !it.isEffectivelyEqual)

    expect(sorted(diff.onlyLeft)).toEqual(sorted(upstream.only_in_left))
    expect(sorted(diff.onlyRight)).toEqual(sorted(upstream.only_in_right))
    expect(
      sorted(
        diff.changedVersions.map((it) => ({ name: it.name, version_left: it.left, version_right: it.right })),
      ),
    ).toEqual(sorted(upstream.version_diff))
    expect(sorted(changed.map(({ name, version }) => `${name}.${version}`))).toEqual(
      sorted(upstream.opam_diff.map((it) => it.package_version)),
    )
    expect(duniverseOf(diff)).toEqual(
      typeof upstream.duniverse_diff === 'string'
        ? upstream.duniverse_diff
        : {
            left: sorted(upstream.duniverse_diff.left),
            right: sorted(upstream.duniverse_diff.right),
            changed: sorted(upstream.duniverse_diff.detailed_diff.map((it) => it.name)),
          },
    )
    for (const { package_version, diff: text } of upstream.opam_diff) {
      const section = changed.find(({ name, version }) => `${name}.${version}` === package_version)
      for (const hunk of hunksOf(text)) {
        expect(linesAt(section?.left, hunk.leftLine, hunk.left.length)).toEqual(hunk.left)
        expect(linesAt(section?.right, hunk.rightLine, hunk.right.length)).toEqual(hunk.right)
      }
    }
  })

  test('an export with CRLF reads like one with LF', () => {
    const text = read('odd', 'crlf.opam-switch')
    expect(parseSwitchExport(text)).toEqual(parseSwitchExport(text.replaceAll('\r', '')))
    expect(parseSwitchExport(text).installed).toEqual([{ name: 'a', version: '1' }])
  })

  test('an empty export is a switch without packages', () => {
    expect(parseSwitchExport(read('odd', 'empty.opam-switch')).installed).toEqual([])
  })

  test('an export with two roots has neither section nor duniverse', () => {
    const text = read('odd', 'pinned-compiler.opam-switch')
    const it = parseSwitchExport(text)
    expect([it.roots.length, it.pinned.length, it.compiler.length, it.packages.size]).toEqual([2, 1, 1, 1])
    expect(describeSwitch(text)).toBeNull()
    expect(diffSwitches(it, it).duniverse.kind).toBe('unavailable')
  })

  test('lists without brackets are read', () => {
    const { roots, installed } = parseSwitchExport(read('odd', 'single-installed.opam-switch'))
    expect([roots, installed]).toEqual(Array(2).fill([{ name: 'nothing', version: '0.0.0' }]))
  })

  test('an export cut short is refused at its end', () => {
    expect(() => parseSwitchExport(read('odd', 'truncated.opam-switch'))).toThrow(
      'malformed opam file at line 3, column 0: end of file instead of "]" for the "[" at line 2, column 7',
    )
  })

  test('an export without --full has packages without sections', () => {
    const [file = ''] = hasCorpus ? readdirSync(corpusPath('odd', 'public')) : []
    const text = read('odd', 'public', file)
    const it = parseSwitchExport(text)
    expect(it.installed.length).toBe(9)
    expect([...it.packages.keys()]).toEqual(['gen_js_api'])
    expect(diffSwitches(it, it)).toMatchObject({ changedSections: [], withoutSection: [] })
  })

  test('a file of every element of the syntax reads the same once printed', () => {
    const items = parseOpam(read('syntax', 'all-features.opam'))
    expect(items.length).toBe(13)
    expect(placeless(parseOpam(printOpam(items)))).toEqual(printable(items))
  })
})

function sorted(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort()
}

function duniverseOf({ duniverse }: ReturnType<typeof diffSwitches>) {
  if (duniverse.kind === 'unavailable') return duniverse.reasons[0]?.reason
  const urls = (dirs: readonly { dir: string; url: string }[]) =>
    sorted(dirs.map(({ dir, url }) => ({ name: dir, value: url })))
  return {
    left: urls(duniverse.onlyLeft),
    right: urls(duniverse.onlyRight),
    changed: sorted(duniverse.changed.map(({ dir }) => dir)),
  }
}

/** Of a unified diff: from which line on which lines each side has. */
function hunksOf(diff: string) {
  const [, ...parts] = diff.split(/^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@\n/m)
  const hunks: { leftLine: number; rightLine: number; left: string[]; right: string[] }[] = []
  for (let at = 0; at < parts.length; at += 3) {
    const lines = (parts[at + 2] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('\\'))
    const side = (other: string) =>
      lines.filter((line) => !line.startsWith(other)).map((line) => line.slice(1))
    hunks.push({
      leftLine: Number(parts[at]),
      rightLine: Number(parts[at + 1]),
      left: side('+'),
      right: side('-'),
    })
  }
  return hunks
}

function linesAt(text: string | undefined, line: number, count: number): string[] {
  return (text ?? '').split('\n').slice(line - 1, line - 1 + count)
}
