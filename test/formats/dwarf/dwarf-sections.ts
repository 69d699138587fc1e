import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DwarfSections } from '../../../server/formats/dwarf/forms.ts'
import { sectionContent } from '../../../server/formats/elf-content.ts'
import { parseElf } from '../../../server/formats/elf.ts'

export const fixtures = ['dwarf2', 'dwarf3', 'dwarf4', 'dwarf5', 'dwarf5-64bit', 'dwarf5-zlib'] as const

export function readFixture(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../../fixtures/dwarf', `${name}.elf`))
}

export function dwarfOf(file: Uint8Array): DwarfSections {
  const elf = parseElf(file)
  const contents = elf.sections
    .filter(({ name }) => name.startsWith('.debug_'))
    .map((section) => [section.name.slice(1), sectionContent(elf, section)])
  return { isLittleEndian: elf.isLittleEndian, ...Object.fromEntries(contents) }
}

/** Bytes by hand, in either byte order. */
export function assemble(isLittleEndian: boolean) {
  const bytes: number[] = []
  const number = (value: number, size: number) => {
    const digits = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256)
    bytes.push(...(isLittleEndian ? digits : digits.reverse()))
  }
  const writer = {
    bytes,
    u8: (...values: number[]) => (bytes.push(...values), writer),
    u16: (value: number) => (number(value, 2), writer),
    u32: (value: number) => (number(value, 4), writer),
    u64: (value: number) => (number(value, 8), writer),
    text: (value: string) => (bytes.push(...Buffer.from(`${value}\0`)), writer),
    add: (other: readonly number[]) => (bytes.push(...other), writer),
  }
  return writer
}
