import { expect, test } from 'vitest'
import { describeSwitch } from '../../../server/formats/opam/describe-switch.ts'
import { diffSwitches } from '../../../server/formats/opam/diff-switches.ts'
import { OpamLimitError, OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import type { OpamItem } from '../../../server/formats/opam/opam-value.ts'
import { parseOpam } from '../../../server/formats/opam/parser.ts'
import { printOpam } from '../../../server/formats/opam/printer.ts'
import { parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'
import { inputs, seedOf } from '../../long.ts'
import { seeded } from '../whole-record.ts'
import { printable, readFixture } from './fixture.ts'

const inserted = [
  ...['"', '"""', '\\', '\\065', '\\\n', '\r\n', '\n', '#', '(*', '*)', '[', ']', '(', ')', '{', '}'],
  ...['&', '|', '!', '?', '=', '!=', '>=', '+=', '=+', ':=', '=:', '~', ':', '+', '-', '_', '1', 'a'],
  ...[' ', 'é', '\0', 'true', '["a"]', '"a" {b}', 'a: "b"', 'roots: ', 'installed: ["a.1"]', 'package "a" {'],
]

const files = ['syntax.opam', 'lighthouse.opam-switch', 'lighthouse-later.opam-switch'].map(readFixture)
/** Each field and section of the fixtures: short, so that a mutation often hits what matters. */
const pieces = [
  ...files.flatMap((text) => printed(parseOpam(text))),
  ...files.flatMap((text) => text.split('\n')),
]

function printed(items: readonly OpamItem[]): string[] {
  return items.flatMap((item) => [printOpam([item]), ...(item.kind === 'section' ? printed(item.items) : [])])
}

function mutate(text: string, random: (bound: number) => number): string {
  let mutated = text
  for (let left = 1 + random(3); left > 0; left -= 1) {
    const at = random(mutated.length + 1)
    const cut = random(3) === 0 ? random(10) : 0
    const from = random(5) === 0 ? pieces : inserted
    mutated = mutated.slice(0, at) + (from[random(from.length)] ?? '') + mutated.slice(at + cut)
  }
  return mutated
}

test('mutated fields are read or refused, and what is read prints so that it reads the same', () => {
  const random = seeded(seedOf(2_026_08))
  const seen = { read: 0, refused: 0 }
  for (let run = 0; run < inputs(120_000); run += 1) {
    const text = mutate(pieces[random(pieces.length)] ?? '', random)
    const items = outcome(text, parseOpam)
    if (!items) {
      seen.refused += 1
      continue
    }
    seen.read += 1
    const again = printOpam(items)
    if (JSON.stringify(printable(parseOpam(again))) !== JSON.stringify(printable(items)))
      throw new Error(`${JSON.stringify(text)} was printed as ${JSON.stringify(again)}`)
  }
  expect(seen.read).toBeGreaterThan(inputs(15_000))
  expect(seen.refused).toBeGreaterThan(inputs(15_000))
})

test('mutated exports are compared or refused', () => {
  const random = seeded(seedOf(2_026_09))
  const original = readFixture('lighthouse.opam-switch')
  const left = parseSwitchExport(original)
  const seen = { changed: 0, unavailable: 0, refused: 0 }
  for (let run = 0; run < inputs(10_000); run += 1) {
    const text = mutate(original, random)
    const right = outcome(text, parseSwitchExport)
    if (!right) {
      seen.refused += 1
      expect(() => describeSwitch(text)).toThrow()
      continue
    }
    describeSwitch(text)
    const diff = diffSwitches(left, right)
    if (diff.changedSections.length > 0) seen.changed += 1
    if (diff.duniverse.kind === 'unavailable') seen.unavailable += 1
  }
  expect(seen.changed).toBeGreaterThan(inputs(1_000))
  expect(seen.unavailable).toBeGreaterThan(inputs(100))
  expect(seen.refused).toBeGreaterThan(inputs(1_000))
})

/** What a text reads as, or null for what is refused as it may be: at a place within the text. */
function outcome<T>(text: string, read: (text: string) => T): T | null {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof OpamLimitError) return null
    if (!(error instanceof OpamSyntaxError)) throw error
    const lines = text.split('\n')
    const { line, column, offset } = error
    if (column > Buffer.byteLength(lines[line - 1] ?? '') || offset > Buffer.byteLength(text))
      throw new Error(`${JSON.stringify(text)} was refused beyond its end: ${error.message}`, {
        cause: error,
      })
    return null
  }
}
