import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { linkProgram, type ProgramSource } from '../../demo/ocaml-program.ts'
import { demoBuilds } from './demo-builds.ts'

const folder = mkdtempSync(join(tmpdir(), 'demo-elf-'))
afterAll(() => rmSync(folder, { recursive: true }))

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What a command of binutils says of a file, complaints included. */
function inspect(command: string, options: readonly string[], content: Uint8Array): string {
  const path = join(folder, 'file.elf')
  writeFileSync(path, content)
  return execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', command, ...options, path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
}

/** Symbols may have “error” in their names; what readelf has to say of a file begins with its own. */
const complaint = /^readelf: |<corrupt|<unknown/m

const source: ProgramSource = {
  compiler: '5.2.1',
  units: [{ name: 'Dns', codeKiB: 40, origin: 'dns.10.0.0', directory: 'dns/src' }],
  stubs: [],
  runsOn: { kind: 'solo5', target: 'hvt', devices: [{ name: 'service', type: 'net' }] },
  texts: ['a text'],
}
const modern = linkProgram(source)
const old = linkProgram({ ...source, compiler: '4.14.2' })
const latest = new Map(
  demoBuilds().flatMap(({ job, files }) =>
    [...files].flatMap(([path, content]) =>
      content[0] === 0x7f ? [[`${job} ${path}`, content] as const] : [],
    ),
  ),
)

test('equal sources give equal files', () => {
  const again = linkProgram(source)
  expect(Buffer.compare(again.stripped, modern.stripped)).toBe(0)
  expect(Buffer.compare(again.debug, modern.debug)).toBe(0)
})

test("a new version of one package changes that package's unit, and moves the rest", () => {
  const updated = linkProgram({
    ...source,
    units: [{ name: 'Dns', codeKiB: 40, origin: 'dns.10.1.0', directory: 'dns/src' }],
  })
  expect(updated.stripped.length).not.toBe(modern.stripped.length)
})

describe.skipIf(!has('readelf'))('readelf (binutils)', () => {
  test.each([...latest])('has no complaint about %s', (_name, content) => {
    expect(inspect('readelf', ['-aW'], content)).not.toMatch(complaint)
  })

  test('reads lines of DWARF 5, and of DWARF 4 from OCaml 4.14', () => {
    for (const [content, version] of [
      [modern.debug, 5],
      [old.debug, 4],
    ] as const) {
      const lines = inspect('readelf', ['--debug-dump=decodedline'], content)
      expect(lines).not.toMatch(complaint)
      expect(lines).toMatch(/^dns\.ml +\d+ +0x1[0-9a-f]+/m)
      expect(inspect('readelf', ['--debug-dump=info'], content)).toContain(`Version:       ${version}`)
    }
  })

  test('spells symbols as the compiler of the day does', () => {
    const symbols = (content: Uint8Array) => inspect('readelf', ['-sW'], content)
    expect(symbols(modern.debug)).toMatch(/ camlStdlib__List\.\w+_\d+$/m)
    expect(symbols(modern.debug)).toMatch(/ camlDns\.code_begin$/m)
    expect(symbols(old.debug)).toMatch(/ camlStdlib__List__\w+_\d+$/m)
    expect(symbols(old.debug)).toMatch(/ camlDns__code_end$/m)
    for (const name of ['caml_startup', 'caml_program', 'caml_call_gc', 'solo5_net_read', 'malloc']) {
      expect(symbols(modern.debug)).toMatch(new RegExp(` ${name}$`, 'm'))
    }
    expect(symbols(modern.stripped).trim()).toBe('')
  })

  test('shows the notes by which a tender knows a unikernel', () => {
    const notes = inspect('readelf', ['-nW'], modern.stripped)
    expect(notes).toContain('.note.solo5.manifest')
    expect(notes).toContain('0x3154464d')
    expect(notes).toContain('0x31494241')
  })
})

describe.skipIf(!has('objdump'))('objdump (binutils)', () => {
  test('disassembles almost all of the code', () => {
    const code = inspect('objdump', ['-d', '--no-show-raw-insn'], modern.debug)
    const instructions = code.match(/^ +[0-9a-f]+:\t/gm)?.length ?? 0
    const bad = code.match(/\(bad\)/g)?.length ?? 0
    expect(instructions).toBeGreaterThan(20_000)
    expect(bad / instructions).toBeLessThan(0.01)
  })
})

test('symbols of a section neither overlap nor leave it', () => {
  const { ranges, sectionEnd } = functionRanges(modern.debug)
  expect(ranges.length).toBeGreaterThan(500)
  ranges.forEach(([start, size], index) => {
    expect(start + size).toBeLessThanOrEqual(ranges[index + 1]?.[0] ?? sectionEnd)
  })
})

/** Address and size of each function, and where `.text`, the first section, ends. */
function functionRanges(file: Uint8Array): { ranges: [number, number][]; sectionEnd: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const headers = Number(view.getBigUint64(40, true))
  const count = view.getUint16(60, true)
  const header = (index: number) => {
    const at = headers + index * 64
    const word = (offset: number) => Number(view.getBigUint64(at + offset, true))
    return { type: view.getUint32(at + 4, true), address: word(16), offset: word(24), size: word(32) }
  }
  const symbols = Array.from({ length: count }, (_, index) => header(index)).find(({ type }) => type === 2)
  if (!symbols) throw new Error('no symbols')
  const ranges: [number, number][] = []
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
    const isFunction = (view.getUint8(at + 4) & 0xf) === 2
    if (isFunction && view.getUint16(at + 6, true) === 1) {
      ranges.push([Number(view.getBigUint64(at + 8, true)), Number(view.getBigUint64(at + 16, true))])
    }
  }
  const text = header(1)
  return { ranges: ranges.sort((a, b) => a[0] - b[0]), sectionEnd: text.address + text.size }
}
