import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../../demo/random.ts'
import { analyseBinarySize } from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import { findSection, parseElf } from '../../../../server/formats/elf.ts'
import { corpusPath, hasCorpus } from '../../../corpus.ts'
import { inputs, seedOf } from '../../../long.ts'
import { fixtures, readFixture } from '../../../formats/dwarf/dwarf-sections.ts'
import { ownSizes } from './size-trees.ts'

type Target = { start: number; end: number }
type Targets = [Target, ...Target[]]

/** Where a change matters: headers, symbols, names, debug information; all of the file now and then. */
function targetsOf(file: Uint8Array): Targets {
  const elf = parseElf(file)
  const { offset, sizeBytes } = elf.sectionHeaders
  const sections = [
    '.symtab',
    '.strtab',
    '.debug_line',
    '.debug_line',
    '.debug_info',
    '.debug_abbrev',
    '.debug_line_str',
    '.debug_str',
  ].flatMap((name) => {
    const section = findSection(elf, name)
    return section && section.sizeBytes > 0
      ? [{ start: section.offset, end: section.offset + section.sizeBytes }]
      : []
  })
  return [
    { start: 0, end: 64 },
    { start: offset, end: offset + sizeBytes },
    { start: offset, end: offset + sizeBytes },
    ...sections,
    { start: 0, end: file.length },
  ]
}

const values = [0, 1, 0x7f, 0x80, 0xff] as const

/** Change up to four bytes or words of `file` in place, and give what restores it. */
function mutate(file: Uint8Array, targets: Targets, random: Random): () => void {
  const before: [number, number][] = []
  for (let count = random.integer(1, 4); count > 0; count--) {
    const { start, end } = random.pick(targets)
    const at = random.integer(start, end - 1)
    const isWord = random.integer(0, 3) === 0
    for (let offset = at; offset < Math.min(file.length, at + (isWord ? 4 : 1)); offset++) {
      before.push([offset, file[offset] ?? 0])
      file[offset] = random.integer(0, 1) === 0 ? random.pick(values) : random.integer(0, 255)
    }
  }
  return () => {
    for (const [offset, value] of before.reverse()) file[offset] = value
  }
}

/** Null when all is as it must be for any file. Without `expect`, which takes longer than the analysis. */
function findFault(file: Uint8Array): string | null {
  const { tree, fileSizeBytes, ...parts } = analyseBinarySize(file)
  const { explainedBytes, debugBytes, loadedWithoutSymbolBytes, otherBytes } = parts
  const bytes = [explainedBytes, debugBytes, loadedWithoutSymbolBytes, otherBytes]
  if (tree.sizes[0] !== file.length || fileSizeBytes !== file.length)
    return `the root has ${tree.sizes[0]} bytes`
  if (bytes.reduce((sum, part) => sum + part, 0) !== file.length) return 'the parts do not add up'
  if (bytes.some((part) => part < 0)) return 'a negative part'
  if (!ownSizes(tree).every((own) => own >= 0)) return 'children have more than their parent'
  if (!tree.parents.every((parent, node) => parent < node)) return 'a parent after its child'
  return null
}

function fuzz(original: Uint8Array, runs: number, seed: string): { faults: string[]; slowestMs: number } {
  const file = Uint8Array.from(original)
  const targets = targetsOf(file)
  const random = seededRandom(`${seed} ${seedOf(0)}`)
  const faults: string[] = []
  let slowestMs = 0
  for (let run = 0; run < runs; run++) {
    const restore = mutate(file, targets, random)
    const startedAt = performance.now()
    const fault = findFault(file)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    if (fault) faults.push(`run ${run}: ${fault}`)
    restore()
  }
  return { faults, slowestMs }
}

/** Far above what a run takes, far below what one without bounds would. */
const patienceMs = 5_000

describe('mutations of real files', () => {
  test.each(fixtures)(
    '%s: every byte is counted once',
    (name) => {
      const { faults, slowestMs } = fuzz(readFixture(name), inputs(15_000), name)
      expect(faults).toEqual([])
      expect(slowestMs).toBeLessThan(patienceMs)
    },
    300_000,
  )

  test.skipIf(!hasCorpus).each(['test_hello.hvt', 'test_hello.virtio', 'test_hello.xen'])(
    '%s: every byte is counted once',
    (name) => {
      const { faults, slowestMs } = fuzz(readFileSync(corpusPath('solo5', name)), inputs(4_000), name)
      expect(faults).toEqual([])
      expect(slowestMs).toBeLessThan(patienceMs)
    },
    300_000,
  )

  test.skipIf(!hasCorpus)(
    'a program of OCaml: every byte is counted once',
    () => {
      const { faults } = fuzz(readFileSync(corpusPath('elf', 'arith.debug')), inputs(200), 'arith.debug')
      expect(faults).toEqual([])
    },
    300_000,
  )
})
