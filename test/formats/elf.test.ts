import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { linkProgram } from '../../demo/ocaml-program.ts'
import { sectionContent } from '../../server/formats/elf-content.ts'
import { readNotes } from '../../server/formats/elf-notes.ts'
import { noSection, readSymbols, symbolName, symbolType } from '../../server/formats/elf-symbols.ts'
import { findElfClass, findSection, parseElf, storedContent } from '../../server/formats/elf.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { elfFile, note, symbol, type TestSection, writer } from './elf-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'elf-'))
afterAll(() => rmSync(folder, { recursive: true }))

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
}

const program = linkProgram({
  compiler: '5.2.1',
  units: [{ name: 'Dns', codeKiB: 40, origin: 'dns.10.0.0', directory: 'dns/src' }],
  stubs: [],
  runsOn: { kind: 'solo5', target: 'hvt', devices: [{ name: 'service', type: 'net' }] },
  texts: ['a text'],
})

test.each([
  ['nothing', '', null],
  ['a Debian package', '!<arch>\ndebian-binary   ', null],
  ['a cut magic number', '\x7fEL', null],
  ['ELF32', '\x7fELF\x01\x01\x01', 32],
  ['ELF64', '\x7fELF\x02\x01\x01', 64],
  ['no class of ELF', '\x7fELF\x03\x01\x01', null],
])('%s is told by its first bytes', (_name, bytes, expected) => {
  expect(findElfClass(Buffer.from(bytes, 'latin1'))).toBe(expected)
})

describe.each([
  ['little', true],
  ['big', false],
])('%s-endian', (_name, isLittleEndian) => {
  const strings = Buffer.from('\0main\0file.ml\0')
  const symbols = [
    symbol({ name: 0 }, isLittleEndian),
    symbol({ name: 6, info: 4, section: 0xfff1 }, isLittleEndian),
    symbol({ name: 1, info: 0x12, section: 1, address: 0x10_0000_1000, size: 77 }, isLittleEndian),
  ]
  const sections: TestSection[] = [
    { name: '.text', flags: 6, address: 0x10_0000_1000, content: Buffer.alloc(77, 0x90) },
    { name: '.bss', type: 8, flags: 3, address: 0x2000, sizeBytes: 2 ** 40 },
    {
      name: '.note.x',
      type: 7,
      content: Buffer.concat([
        note('Solo5\0', 5, Buffer.from('abc'), isLittleEndian),
        note('', 2 ** 32 - 1, Buffer.of(), isLittleEndian),
      ]),
    },
    { name: '.symtab', type: 2, link: 5, entrySizeBytes: 24, content: Buffer.concat(symbols) },
    { name: '.strtab', type: 3, content: strings },
  ]
  const elf = parseElf(elfFile(sections, { isLittleEndian }))

  test('sections have names and places, and their content is a view', () => {
    expect(elf).toMatchObject({ isLittleEndian, type: 2, machine: 62 })
    expect(elf.sections.map(({ name }) => name)).toEqual([
      '',
      '.text',
      '.bss',
      '.note.x',
      '.symtab',
      '.strtab',
      '.shstrtab',
    ])
    const text = findSection(elf, '.text')!
    expect(text).toMatchObject({ flags: 6, address: 0x10_0000_1000, offset: 64, sizeBytes: 77 })
    expect(sectionContent(elf, text)).toEqual(Buffer.alloc(77, 0x90))
    expect(sectionContent(elf, text).buffer).toBe(elf.file.read(0, 1).buffer)
    expect(findSection(elf, '.data')).toBeNull()
  })

  test('a section that takes no room has no content, however large it is', () => {
    const bss = findSection(elf, '.bss')!
    expect(bss.sizeBytes).toBe(2 ** 40)
    expect(sectionContent(elf, bss)).toHaveLength(0)
  })

  test('notes have owner, type and descriptor', () => {
    const notes = [...readNotes(elf, findSection(elf, '.note.x')!)]
    expect(notes).toMatchObject([
      { owner: 'Solo5\0', type: 5, offset: 64 + 80 },
      { owner: '', type: 2 ** 32 - 1, offset: 64 + 80 + 24 },
    ])
    expect(notes.map(({ descriptor }) => Buffer.from(descriptor).toString())).toEqual(['abc', ''])
  })

  test('symbols have names, sections, addresses and sizes', () => {
    const read = readSymbols(elf)!
    expect(read.count).toBe(3)
    expect([0, 1, 2].map((i) => [symbolName(read, i), symbolType(read, i), read.sections[i]])).toEqual([
      ['', 0, noSection],
      ['file.ml', 4, noSection],
      ['main', 2, 1],
    ])
    expect([read.addresses[2], read.sizes[2]]).toEqual([0x10_0000_1000, 77])
  })

  test('numbers of sections and symbols that exceed 16 bits are found where they are kept instead', () => {
    const far = Buffer.alloc(12)
    writer(isLittleEndian).u32(far, 8, 1)
    const last = symbol({ name: 1, section: 0xffff }, isLittleEndian)
    const [text, bss, notes, symtab, strtab] = sections as [
      TestSection,
      TestSection,
      TestSection,
      TestSection,
      TestSection,
    ]
    const many = parseElf(
      elfFile(
        [
          text,
          bss,
          notes,
          { ...symtab, content: Buffer.concat([...symbols.slice(0, 2), last]) },
          strtab,
          { name: '.symtab_shndx', type: 18, link: 4, content: far },
        ],
        { isLittleEndian, manySections: true },
      ),
    )
    expect(many.sections.map(({ name }) => name)).toContain('.symtab_shndx')
    expect(readSymbols(many)?.sections[2]).toBe(1)
  })

  test('compressed content is inflated', () => {
    const put = writer(isLittleEndian)
    const compressed = Buffer.alloc(24)
    put.u32(compressed, 0, 1)
    put.u64(compressed, 8, 5000)
    const zdebug = Buffer.concat([Buffer.from('ZLIB'), Buffer.alloc(8)])
    zdebug.writeBigUInt64BE(5000n, 4)
    const zeroes = Buffer.alloc(5000)
    const file = parseElf(
      elfFile(
        [
          { name: '.debug_line', flags: 0x800, content: Buffer.concat([compressed, deflateSync(zeroes)]) },
          { name: '.zdebug_line', content: Buffer.concat([zdebug, deflateSync(zeroes)]) },
        ],
        { isLittleEndian },
      ),
    )
    for (const section of file.sections.slice(1, 3)) {
      expect(Buffer.compare(sectionContent(file, section), zeroes)).toBe(0)
      expect(storedContent(file, section).length).toBeLessThan(200)
      expect(() => sectionContent(file, section, { maxInflatedBytes: 4999 })).toThrow('at most 4999')
    }
  })
})

test('a stripped file has no symbols, a file without sections neither', () => {
  expect(readSymbols(parseElf(program.stripped))).toBeNull()
  const bare = elfFile([])
  writer().u64(bare, 40, 0)
  expect(parseElf(bare).sections).toEqual([])
})

test('a long name costs its first 1,024 bytes', () => {
  const elf = parseElf(elfFile([{ name: `.${'x'.repeat(5000)}` }]))
  expect(elf.sections[1]?.name).toBe(`.${'x'.repeat(1023)}`)
})

/** What is done to a well-formed file, and where the reader says that it breaks. */
const headersAt = 64 + 24 + 8 + 32
const whole = () =>
  elfFile([
    { name: '.symtab', type: 2, link: 2, entrySizeBytes: 24, content: Buffer.alloc(24) },
    { name: '.strtab', type: 3, content: Buffer.alloc(1) },
  ])
const put = writer()
type Edit = (file: Buffer) => Buffer | void

test.each<[string, number, Edit]>([
  ['no byte', 0, () => Buffer.of()],
  ['another format', 0, () => Buffer.from('!<arch>\ndebian-binary')],
  ['a class that does not exist', 0, (file) => void (file[4] = 3)],
  ['32 bits', 4, (file) => void (file[4] = 1)],
  ['a byte order that does not exist', 5, (file) => void (file[5] = 0)],
  ['a version that does not exist', 6, (file) => void (file[6] = 2)],
  ['a header that is cut short', 63, (file) => file.subarray(0, 63)],
  ['section headers of another size', 58, (file) => void put.u16(file, 58, 40)],
  ['section headers beyond the file', 40, (file) => void put.u64(file, 40, 10_000)],
  ['section headers beyond any file', 40, (file) => void put.u64(file, 40, 2n ** 64n - 1n)],
  ['section headers that are cut short', 40, (file) => file.subarray(0, file.length - 1)],
  ['one section more than there are', 40, (file) => void put.u16(file, 60, 5)],
  [
    'more sections than are read',
    60,
    (file) => (put.u16(file, 60, 0), void put.u64(file, headersAt + 32, 100_001)),
  ],
  ['names of sections in none', 62, (file) => void put.u16(file, 62, 4)],
  [
    'names of sections beyond the file',
    headersAt + 3 * 64 + 24,
    (file) => void put.u64(file, headersAt + 3 * 64 + 24, 10_000),
  ],
  ['a name of a section outside of them', headersAt + 64, (file) => void put.u32(file, headersAt + 64, 27)],
  ['symbols of another size', headersAt + 64 + 56, (file) => void put.u64(file, headersAt + 64 + 56, 16)],
  ['symbols that are cut short', headersAt + 64 + 32, (file) => void put.u64(file, headersAt + 64 + 32, 23)],
  ['symbols beyond the file', headersAt + 64 + 24, (file) => void put.u64(file, headersAt + 64 + 32, 24_000)],
  [
    'symbols beyond any file',
    headersAt + 64 + 24,
    (file) => void put.u64(file, headersAt + 64 + 24, 2n ** 64n - 1n),
  ],
  [
    'symbols with names in no section',
    headersAt + 64 + 40,
    (file) => void put.u32(file, headersAt + 64 + 40, 9),
  ],
  [
    'symbols with names in another table of symbols',
    headersAt + 64 + 40,
    (file) => void put.u32(file, headersAt + 64 + 40, 1),
  ],
  ['a name of a symbol outside of them', 64, (file) => void put.u32(file, 64, 1)],
  ['a symbol in a section that does not exist', 70, (file) => void put.u16(file, 70, 4)],
  ['a symbol in a section that is told nowhere', headersAt + 64, (file) => void put.u16(file, 70, 0xffff)],
])('rejects: %s', (_name, offset, edit) => {
  const file = whole()
  const edited = edit(file) ?? file
  expect(() => readSymbols(parseElf(edited))).toThrow(expect.objectContaining({ format: 'ELF', offset }))
})

test.each<[string, Partial<TestSection>, number]>([
  ['too short', { content: Buffer.alloc(23) }, 64],
  ['by an unknown method', { content: compressionHeader(7, 10) }, 64],
  ['by zstd', { content: compressionHeader(2, 10) }, 64],
  ['to more than is inflated', { content: compressionHeader(1, 2n ** 63n) }, 64],
  ['but is not', { content: Buffer.concat([compressionHeader(1, 10), Buffer.alloc(10)]) }, 64],
  ['to less', { content: Buffer.concat([compressionHeader(1, 10), deflateSync(Buffer.alloc(9))]) }, 64],
  ['to more', { content: Buffer.concat([compressionHeader(1, 10), deflateSync(Buffer.alloc(1e6))]) }, 64],
  [
    'and cut',
    { content: Buffer.concat([compressionHeader(1, 10), deflateSync(Buffer.alloc(10)).subarray(0, 5)]) },
    64,
  ],
])('rejects a section that is compressed %s', (_name, section, offset) => {
  const elf = parseElf(elfFile([{ name: '.debug_info', flags: 0x800, ...section }]))
  expect(() => sectionContent(elf, elf.sections[1]!)).toThrow(
    expect.objectContaining({ format: 'ELF', offset }),
  )
})

test.each([
  ['a header that is cut short', note('GNU\0', 1, Buffer.of()).subarray(0, 11), 0],
  ['an owner beyond the section', note('GNU\0', 1, Buffer.of()).subarray(0, 14), 0],
  ['an owner beyond any section', Buffer.alloc(12, 0xff), 0],
  ['a descriptor beyond the section', note('GNU\0', 1, Buffer.alloc(8)).subarray(0, 23), 0],
  ['a second note that is cut short', Buffer.concat([note('GNU\0', 1, Buffer.of()), Buffer.alloc(4)]), 16],
])('rejects a note with %s', (_name, content, at) => {
  const elf = parseElf(elfFile([{ name: '.note', type: 7, content }]))
  expect(() => [...readNotes(elf, elf.sections[1]!)]).toThrow(expect.objectContaining({ offset: 64 + at }))
})

function compressionHeader(method: number, sizeBytes: number | bigint): Buffer {
  const header = Buffer.alloc(24)
  put.u32(header, 0, method)
  put.u64(header, 8, sizeBytes)
  return header
}

const realFiles = hasCorpus
  ? [
      ...['elf', 'solo5'].flatMap((name) =>
        readdirSync(corpusPath(name), { withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
          .map((entry) => corpusPath(name, entry.name)),
      ),
      ...readdirSync(corpusPath('solo5/synthetic')).map((name) => corpusPath('solo5/synthetic', name)),
    ]
  : []

describe.skipIf(!has('readelf'))('agrees with readelf (binutils)', () => {
  const agrees = (path: string) => {
    const elf = parseElf(readFileSync(path))
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
    const sections = [
      ...run('readelf', '-SW', path).matchAll(
        /^ +\[ *(\d+)\] (.*?) +[A-Z_]+ +([0-9a-f]{16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) /gm,
      ),
    ]
    expect(sections.length).toBeGreaterThan(2)
    expect(sections.map(([, ...fields]) => fields)).toEqual(
      elf.sections.map(({ index, name, address, offset, sizeBytes }) => [
        `${index}`,
        name,
        hex(address, 16),
        hex(offset, 6),
        hex(sizeBytes, 6),
      ]),
    )
    const symbols = readSymbols(elf)
    const table = run('readelf', '-sW', path).split("Symbol table '.symtab'")[1] ?? ''
    const lines = [...table.matchAll(/^ *(\d+): ([0-9a-f]{16}) +(\w+) +\w+ +\w+ +\w+ +(\w+) ?(.*)$/gm)]
    expect(lines).toHaveLength(symbols?.count ?? 0)
    lines.forEach(([, number, address, size, section, name], i) => {
      const told = symbols && {
        number: `${i}`,
        address: hex(symbols.addresses[i] ?? NaN, 16),
        size: symbols.sizes[i],
        section: symbols.sections[i],
        // Symbols of sections have no name of their own: readelf shows the section's.
        name: symbolType(symbols, i) === 3 ? name : symbolName(symbols, i),
      }
      const number16 = Number.isNaN(Number(section)) ? noSection : Number(section)
      expect(told).toEqual({ number, address, size: Number(size), section: number16, name })
    })
  }

  test('about programs of the demo', () => {
    for (const [name, content] of Object.entries(program)) {
      const path = join(folder, name)
      writeFileSync(path, content)
      agrees(path)
    }
  })

  test.skipIf(!hasCorpus).each(realFiles.map((path) => [path.slice(corpusPath().length), path]))(
    'about %s',
    (_name, path) => agrees(path),
  )

  test('about files that elfFile makes', () => {
    for (const isLittleEndian of [true, false]) {
      const path = join(folder, 'made')
      writeFileSync(
        path,
        elfFile([{ name: '.data', content: Buffer.from('abc') }, { name: '.x' }], { isLittleEndian }),
      )
      agrees(path)
    }
  })

  test.skipIf(!has('as'))('about 66,000 sections', () => {
    const source = Array.from({ length: 66_000 }, (_, i) => `.section .text.f${i},"ax"\nf${i}: .byte 1\n`)
    writeFileSync(join(folder, 'many.s'), source.join(''))
    run('as', '-o', join(folder, 'many.o'), join(folder, 'many.s'))
    const elf = parseElf(readFileSync(join(folder, 'many.o')))
    const symbols = readSymbols(elf)!
    expect(elf.sections.length).toBeGreaterThan(66_000)
    const last = Array.from({ length: symbols.count }, (_, i) => i).find(
      (i) => symbolName(symbols, i) === 'f65999',
    )!
    expect(elf.sections[symbols.sections[last]!]?.name).toBe('.text.f65999')
  })
})

test.skipIf(!has('objcopy')).each(['zlib', 'zlib-gnu'])('reads what objcopy compressed with %s', (method) => {
  const [plain, compressed] = [join(folder, 'plain'), join(folder, `compressed.${method}`)]
  writeFileSync(plain, program.debug)
  run('objcopy', `--compress-debug-sections=${method}`, plain, compressed)
  const [before, after] = [parseElf(readFileSync(plain)), parseElf(readFileSync(compressed))]
  const names = before.sections.map(({ name }) => name).filter((name) => name.startsWith('.debug_'))
  expect(names.length).toBeGreaterThan(2)
  let stored = 0
  for (const name of names) {
    const section = findSection(after, name) ?? findSection(after, name.replace('.debug', '.zdebug'))
    expect(
      Buffer.compare(sectionContent(after, section!), sectionContent(before, findSection(before, name)!)),
    ).toBe(0)
    stored += storedContent(after, section!).length
  }
  expect(stored).toBeLessThan(program.debug.length / 4)
})
