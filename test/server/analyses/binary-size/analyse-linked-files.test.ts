import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { analyseBinarySize } from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import { moduleSizes } from '../../../../server/analyses/binary-size/largest.ts'
import { analyseSolo5 } from '../../../../server/analyses/solo5/analyse-solo5.ts'
import { findSection, parseElf } from '../../../../server/formats/elf.ts'
import { readSegments } from '../../../../server/formats/elf-segments.ts'
import { corpusPath, hasCorpus } from '../../../corpus.ts'
import { checkSizes } from './size-trees.ts'

const folder = mkdtempSync(join(tmpdir(), 'linked-'))
afterAll(() => rmSync(folder, { recursive: true }))

function has(...commands: string[]): boolean {
  try {
    for (const command of commands) execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const noinline = '__attribute__((noinline,noclone))'
const sources = {
  'main.c': `int twice(int);\nint main(int c, char **v) { return twice(c) + 1; }\n`,
  'twice.c': `#include "twist.h"\n${noinline} int twice(int x) { return 2 * x + twist(x); }\n`,
  'unused.c': `${noinline} int unused(int x) { for (int i = 0; i < x; i++) x ^= i * x; return x; }\n`,
  'twist.h': `static inline int twist(int x) { for (int i = 1; i < x; i++) x ^= i * x; return x; }\n`,
}

/** Compile and link the sources, and give what was made. */
function link(name: string, ...flags: string[]): Buffer {
  for (const [file, text] of Object.entries(sources)) writeFileSync(join(folder, file), text)
  const files = Object.keys(sources).filter((file) => file.endsWith('.c'))
  run('gcc', '-g', '-O1', '-Wl,--build-id=sha1', ...flags, ...files, '-o', name)
  return readFileSync(join(folder, name))
}

/** Sizes of functions and variables as binutils reads them. */
function sizesByNm(name: string, ...flags: string[]): Record<string, number> {
  return Object.fromEntries(
    [...run('nm', '-S', ...flags, name).matchAll(/^[0-9a-f]+ ([0-9a-f]+) [TtWwDdRrV] (.*)$/gm)].map(
      ([, size = '', symbol = '']) => [symbol, Number.parseInt(size, 16)],
    ),
  )
}

function analysed(file: Uint8Array, debug: Uint8Array | null = null) {
  const result = analyseBinarySize(file, debug)
  checkSizes(result)
  const { tree, ...facts } = result
  const modules = Object.fromEntries(moduleSizes(tree).map(({ name, codeBytes }) => [name, codeBytes]))
  return { ...facts, modules }
}

/** The file without its section headers, as `eu-strip --strip-sections` leaves it. */
function withoutSectionHeaders(file: Uint8Array): Buffer {
  const end = Math.max(...readSegments(parseElf(file)).map(({ offset, fileBytes }) => offset + fileBytes))
  const stripped = Buffer.from(file.subarray(0, end))
  stripped.writeBigUInt64LE(0n, 40)
  stripped.fill(0, 58, 64)
  return stripped
}

/** The file with these sections compressed as the gABI says. */
function withCompressed(file: Uint8Array, ...names: string[]): Buffer {
  const elf = parseElf(file)
  let result = Buffer.from(file)
  for (const name of names) {
    const section = findSection(elf, name)
    if (!section) throw new Error(`no section ${name}`)
    const header = Buffer.alloc(24)
    header.writeUInt32LE(1, 0)
    header.writeBigUInt64LE(BigInt(section.sizeBytes), 8)
    const content = file.subarray(section.offset, section.offset + section.sizeBytes)
    const compressed = Buffer.concat([header, deflateSync(content)])
    result.writeBigUInt64LE(BigInt(section.flags | 0x800), section.headerOffset + 8)
    result.writeBigUInt64LE(BigInt(result.length), section.headerOffset + 24)
    result.writeBigUInt64LE(BigInt(compressed.length), section.headerOffset + 32)
    result = Buffer.concat([result, compressed])
  }
  return result
}

describe.skipIf(!has('gcc', 'nm', 'objcopy', 'strip'))('files that gcc and binutils make', () => {
  test('the source of a removed function has no byte', () => {
    const file = link('removed', '-ffunction-sections', '-Wl,--gc-sections')
    const { main, twice, unused } = sizesByNm('removed')
    expect(unused).toBeUndefined()
    expect(analysed(file).modules).toEqual({ 'main.c': main, 'twice.c': twice })
  })

  test.each(['4', '5'])(
    'a function that was compiled at link time is of its own file (DWARF %s)',
    (version) => {
      const file = link('lto', '-flto', '-flto-partition=one', `-gdwarf-${version}`)
      const { main = 0, twice = 0 } = sizesByNm('lto')
      const { modules } = analysed(file)
      expect(Object.keys(modules).filter((name) => name.startsWith('<'))).toEqual([])
      expect(modules).toMatchObject({ 'main.c': main, 'twice.c': twice })
    },
  )

  test('a program whose debug information lies in .dwo files has the sources of its line tables', () => {
    const file = link('split', '-gsplit-dwarf')
    const { main, twice, unused } = sizesByNm('split')
    expect(analysed(file).modules).toEqual({ 'main.c': main, 'twice.c': twice, 'unused.c': unused })
  })

  test('a relocatable object has symbols, but no sources', () => {
    link('program')
    run('gcc', '-g', '-c', 'twice.c', '-o', 'twice.o')
    expect(analysed(readFileSync(join(folder, 'twice.o')))).toMatchObject({
      modules: {},
      hasSymbols: true,
      explainedBytes: Object.values(sizesByNm('twice.o')).reduce((sum, size) => sum + size, 0),
      reason: 'it is a relocatable object, which was not linked: its debug information is not read',
    })
  })

  test('a stripped program has its symbols for dynamic linking, and a reason', () => {
    const file = link('exported', '-rdynamic', '-s')
    const sizes = Object.values(sizesByNm('exported', '-D'))
    expect(analysed(file)).toMatchObject({
      hasSymbols: true,
      explainedBytes: sizes.reduce((sum, size) => sum + size, 0),
      reason: 'it was stripped of its symbol table: only its symbols for dynamic linking are known',
    })
  })

  test('the debug file of objcopy describes the stripped binary', () => {
    const whole = link('whole')
    run('objcopy', '--only-keep-debug', 'whole', 'whole.debug')
    run('strip', '-o', 'bare', 'whole')
    run('objcopy', '--add-gnu-debuglink=whole.debug', 'bare')
    const [bare, debug] = ['bare', 'whole.debug'].map((name) => readFileSync(join(folder, name)))
    if (!bare || !debug) throw new Error('nothing was made')
    const expected = analysed(whole)
    expect(expected.reason).toBeNull()
    const both = analysed(bare, debug)
    expect(both).toMatchObject({
      fileSizeBytes: bare.length,
      explainedBytes: expected.explainedBytes,
      zeroFilledBytes: expected.zeroFilledBytes,
      loadedWithoutSymbolBytes: expected.loadedWithoutSymbolBytes,
      modules: expected.modules,
      reason: null,
    })
    expect(analysed(debug)).toMatchObject({
      modules: {},
      zeroFilledBytes: expected.zeroFilledBytes,
      reason: expect.stringContaining('it holds debug information alone') as unknown,
    })
    expect(analysed(bare)).toMatchObject({
      hasSymbols: false,
      reason:
        'it has no symbols: it was stripped of them; its debug information is in the file "whole.debug", which was not read',
    })
    // A copy with all of it is the one whose bytes are counted.
    expect(analysed(bare, whole)).toEqual(expected)
    // Compressed, as Debian's are.
    run('objcopy', '--compress-debug-sections=zlib', 'whole.debug', 'small.debug')
    const small = readFileSync(join(folder, 'small.debug'))
    expect(analysed(bare, withCompressed(small, '.symtab', '.strtab'))).toEqual(both)
  })

  test('the debug information of another binary is not used', () => {
    link('one')
    run('objcopy', '--only-keep-debug', 'one', 'one.debug')
    const debug = readFileSync(join(folder, 'one.debug'))
    const other = link('other', '-O2')
    const { reason, ...facts } = analysed(other)
    expect(reason).toBeNull()
    expect(analysed(other, debug)).toEqual({
      ...facts,
      reason: expect.stringMatching(
        /^the file with debug information is of another binary: its build id is [0-9a-f]{40}, that of the main binary is [0-9a-f]{40}$/,
      ) as unknown,
    })
    expect(analysed(other, Buffer.from('#!/bin/sh'))).toEqual({
      ...facts,
      reason: 'the file with debug information is not used: it is no ELF file but a script',
    })
    const withoutId = link('without-id', '-O2', '-Wl,--build-id=none', '-DOTHER', '-Wl,-Ttext=0x8000000')
    expect(analysed(withoutId, debug).reason).toContain('its code has another place or size')
  })

  test.each([['.symtab'], ['.strtab'], ['.symtab', '.strtab', '.debug_line']])(
    'compressed %s are read as before',
    (...names) => {
      const file = link('plain')
      const { explainedBytes, modules } = analysed(file)
      expect(analysed(withCompressed(file, ...names))).toMatchObject({
        explainedBytes,
        modules,
        reason: null,
      })
    },
  )

  test('of debug information that is compressed with zstd the reason says so', () => {
    const file = link('plain')
    const line = findSection(parseElf(file), '.debug_line')
    const zstd = withCompressed(file, '.debug_line')
    const at = Number(zstd.readBigUInt64LE((line?.headerOffset ?? 0) + 24))
    zstd.writeUInt32LE(2, at)
    expect(analysed(zstd)).toMatchObject({
      modules: {},
      explainedBytes: analysed(file).explainedBytes,
      reason: expect.stringMatching(
        /^section \d+ \(\.debug_line\) is compressed with zstd; only zlib is read$/,
      ) as unknown,
    })
  })

  test('without section headers, the segments determine the loaded bytes', () => {
    const file = link('plain')
    const loaded = readSegments(parseElf(file)).filter(({ type }) => type === 1)
    const stripped = withoutSectionHeaders(file)
    expect(analysed(stripped)).toMatchObject({
      explainedBytes: 0,
      debugBytes: 0,
      loadedWithoutSymbolBytes: loaded.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
      zeroFilledBytes: loaded.reduce((sum, { fileBytes, memoryBytes }) => sum + memoryBytes - fileBytes, 0),
      hasSymbols: false,
      reason: 'it has no section headers, thus no symbols: only its segments are known',
    })
    run('objcopy', '--only-keep-debug', 'plain', 'plain.debug')
    const debug = readFileSync(join(folder, 'plain.debug'))
    expect(analysed(stripped, debug).modules).toEqual(analysed(file).modules)
  })
})

const report = (number: string) => {
  const name = hasCorpus ? readdirSync(corpusPath('reports')).find((one) => one.startsWith(`${number}-`)) : ''
  return (file: string) => readFileSync(corpusPath('reports', name ?? '', file))
}

describe.skipIf(!hasCorpus)('files of bug reports', () => {
  test('a static program and its debug information', () => {
    const read = report('19')
    expect(analysed(read('bin_hello.stripped'), read('hello.debug'))).toMatchObject({
      fileSizeBytes: 699_184,
      explainedBytes: 601_836,
      modules: { 'util.c': 220, 'main.c': 48 },
      reason: null,
    })
  })

  test('functions that were removed', () => {
    expect(analysed(report('20')('hello')).modules).toEqual({ 'gcmain.c': 11 })
  })

  test('a program that was compiled at link time', () => {
    expect(analysed(report('21')('hello')).modules).toEqual({ 'main.c': 106 })
  })

  test('a compressed table of symbols', () => {
    expect(analysed(report('22')('hello'))).toMatchObject({
      explainedBytes: 601_836,
      modules: { 'util.c': 220, 'main.c': 48 },
      reason: null,
    })
  })

  test.each([
    ['hello.hvt', 'hvt', 2],
    ['hello.xen', 'xen', 1],
  ])('%s, a unikernel without section headers', (name, target, version) => {
    const file = report('25')(name)
    expect(analyseSolo5(file)).toEqual({
      abi: { target, version },
      manifest: { version: 1, devices: [] },
      reason: null,
    })
    const loaded = readSegments(parseElf(file)).filter(({ type }) => type === 1)
    const result = analyseBinarySize(file)
    checkSizes(result)
    expect(result.loadedWithoutSymbolBytes).toBe(loaded.reduce((sum, { fileBytes }) => sum + fileBytes, 0))
    expect(result.tree.names).not.toContain('after the last section')
  })
})
