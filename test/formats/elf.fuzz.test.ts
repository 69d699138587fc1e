import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MalformedError } from '../../server/errors.ts'
import { readNotes } from '../../server/formats/elf-notes.ts'
import { readSymbols, symbolName } from '../../server/formats/elf-symbols.ts'
import { sectionContent } from '../../server/formats/elf-content.ts'
import { parseElf, sectionType } from '../../server/formats/elf.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { inputs, seedOf } from '../long.ts'
import { elfFile, note, symbol, writer } from './elf-file.ts'
import { seeded } from './whole-record.ts'

// Most mutants are refused, and a trace costs more than the reading.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

/** Numbers at which something ends, or wraps. */
const telling = [0, 1, 2, 7, 8, 24, 64, 0x7f, 0xff, 0xff00, 0xffff, 0x7fffffff, 0xffffffff, 2 ** 40, 2 ** 53]

/** Edits of a header or a table break the reading more often than those of code do: `places` are where they begin. */
function mutate(file: Buffer, places: readonly number[], random: (bound: number) => number): Buffer {
  const mutant = Buffer.from(file)
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const start = places[random(places.length)] ?? 0
    const at = Math.min(start + random(64), mutant.length - 1)
    const value = telling[random(telling.length)] ?? 0
    switch (random(5)) {
      case 0:
        mutant[at] = random(256)
        break
      case 1:
        mutant[at] = (mutant[at] ?? 0) ^ (1 << random(8))
        break
      case 2:
        if (at + 2 <= mutant.length) mutant.writeUInt16LE(value % 2 ** 16, at)
        break
      case 3:
        if (at + 8 <= mutant.length) mutant.writeBigUInt64LE(BigInt(value), at)
        break
      case 4:
        // The end of the file is where the headers of sections are.
        if (random(8) === 0) return mutant.subarray(0, random(mutant.length))
        break
    }
  }
  return mutant
}

/** All that there is to read in a file. Throws what no input may cause. */
function readAll(file: Buffer): 'read' | 'refused' {
  try {
    const elf = parseElf(file)
    const symbols = readSymbols(elf)
    for (let i = 0; i < Math.min(symbols?.count ?? 0, 100); i++) if (symbols) symbolName(symbols, i)
    let isRefused = false
    for (const section of elf.sections) {
      try {
        sectionContent(elf, section, { maxInflatedBytes: 100_000 })
        if (section.type !== sectionType.note) continue
        for (const { descriptor } of readNotes(elf, section)) {
          // Not expect(): a million of them take longer than the reading.
          if (descriptor.length > file.length) throw new Error('a descriptor exceeds the file')
        }
      } catch (error) {
        check(error, file)
        isRefused = true
      }
    }
    return isRefused ? 'refused' : 'read'
  } catch (error) {
    check(error, file)
    return 'refused'
  }
}

function check(error: unknown, file: Buffer): void {
  if (!(error instanceof MalformedError)) throw error
  if (!(error.offset >= 0 && error.offset <= file.length)) throw error
}

function fuzz(files: readonly Buffer[], mutants: number, seed: number) {
  const random = seeded(seedOf(seed))
  const counts = { read: 0, refused: 0 }
  const places = files.map((file) => {
    const { sections, sectionHeaders } = parseElf(file)
    const content = sections
      .filter(({ flags, type }) => flags !== 6 && type !== 8)
      .map(({ offset }) => offset)
    const headers = sections.map(({ headerOffset }) => headerOffset)
    return [0, sectionHeaders.offset, ...headers, ...content]
  })
  for (let i = 0; i < mutants; i++) {
    const n = i % files.length
    counts[readAll(mutate(files[n] ?? Buffer.of(), places[n] ?? [], random))]++
  }
  return counts
}

function ownFile(isLittleEndian: boolean, manySections: boolean, isCompressed = false): Buffer {
  const compressed = Buffer.alloc(24)
  const put = writer(isLittleEndian)
  put.u32(compressed, 0, 1)
  put.u64(compressed, 8, 300)
  const debug = isCompressed ? Buffer.concat([compressed, deflateSync(Buffer.alloc(300))]) : Buffer.alloc(30)
  return elfFile(
    [
      { name: '.text', flags: 6, content: Buffer.alloc(64) },
      { name: '.note.a', type: 7, content: note('Solo5\0', 9, Buffer.alloc(16), isLittleEndian) },
      { name: '.debug_line', flags: isCompressed ? 0x800 : 0, content: debug },
      {
        name: '.symtab',
        type: 2,
        link: 5,
        entrySizeBytes: 24,
        content: Buffer.concat([0, 1, 5].map((name) => symbol({ name, section: name % 5 }, isLittleEndian))),
      },
      { name: '.strtab', type: 3, content: Buffer.from('\0abc\0def\0') },
      { name: '.symtab_shndx', type: 18, link: 4, content: Buffer.alloc(12) },
    ],
    { isLittleEndian, manySections },
  )
}

test('5,000 mutants of compressed files are read or refused', () => {
  const files = [ownFile(true, false, true), ownFile(false, true, true)]
  expect(files.map(readAll)).toEqual(['read', 'read'])
  const counts = fuzz(files, 5000, 4)
  expect(counts.read).toBeGreaterThan(500)
  expect(counts.refused).toBeGreaterThan(500)
})

test('mutants of own files are read or refused', () => {
  const files = [ownFile(true, false), ownFile(false, false), ownFile(true, true), ownFile(false, true)]
  expect(files.map(readAll)).toEqual(['read', 'read', 'read', 'read'])
  const counts = fuzz(files, inputs(50_000), 1)
  expect(counts.read).toBeGreaterThan(inputs(10_000))
  expect(counts.refused).toBeGreaterThan(inputs(10_000))
})

describe.skipIf(!hasCorpus)('with the corpus', () => {
  test('100,000 mutants of real unikernels are read or refused', () => {
    const names = [
      'test_hello.spt',
      'test_hello.hvt',
      'test_hello.muen',
      'synthetic/net-block.elf',
      'synthetic/dup.elf',
    ]
    const counts = fuzz(
      names.map((name) => readFileSync(corpusPath('solo5', name))),
      100_000,
      2,
    )
    expect(counts.read).toBeGreaterThan(10_000)
    expect(counts.refused).toBeGreaterThan(10_000)
  })

  test('500 mutants of a real debug binary are read or refused', () => {
    const counts = fuzz([readFileSync(corpusPath('elf/arith.debug'))], 500, 3)
    expect(counts.read).toBeGreaterThan(50)
    expect(counts.refused).toBeGreaterThan(50)
  })
})
