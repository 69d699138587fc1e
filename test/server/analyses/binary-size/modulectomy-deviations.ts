import { parseElf, sectionType, type Elf } from '../../../../server/formats/elf.ts'
import { readSymbols, type ElfSymbols } from '../../../../server/formats/elf-symbols.ts'

/** An entry of modulectomy's tree: `path` is joined with `/`. */
export type Entry = { path: string; kind: string; size: number; address: number | null }

export type Sample = { elf: Elf; symbols: ElfSymbols }

export function sampleOf(bytes: Uint8Array): Sample {
  const elf = parseElf(bytes)
  const symbols = readSymbols(elf)
  if (!symbols) throw new Error('the sample has no symbols')
  return { elf, symbols }
}

/** Where our sizes differ from modulectomy's, each with the reason, and how it is seen that it applies. */
export const deviations: { reason: string; applies: (entry: Entry, sample: Sample) => boolean }[] = [
  {
    reason:
      'modulectomy sorts C functions into "primitives" of Stdlib, nolibc and openlibm by lists of names, whatever library they are of (realloc of glibc goes to nolibc); ours go by their source file, else the runtime by its prefix, else to C code',
    applies: ({ path }) => /^OCaml\/(Stdlib|nolibc|openlibm)\/primitives$/.test(path),
  },
  {
    reason:
      'modulectomy counts memory that is zero at the start, which takes no room in the file; ours counts bytes of the file',
    applies: ({ address }, { elf }) =>
      address !== null &&
      elf.sections.some(
        ({ type, flags, address: start, sizeBytes }) =>
          type === sectionType.nobits && (flags & 2) !== 0 && address >= start && address < start + sizeBytes,
      ),
  },
  {
    reason: 'a variable of a thread is counted by modulectomy under its offset in the memory of the thread',
    applies: ({ address }, { elf }) => {
      const sizes = elf.sections
        .filter(({ flags }) => (flags & 0x400) !== 0)
        .map(({ sizeBytes }) => sizeBytes)
      return address !== null && address < sizes.reduce((sum, size) => sum + size, 0)
    },
  },
  {
    reason: 'other symbols cover some of the same bytes: modulectomy counts these for each, ours once',
    applies: ({ path, size, address }, { symbols }) => {
      const name = path.split('/').at(-1) ?? ''
      return address !== null && othersAt(symbols, address, size, name) > 0
    },
  },
]

function nameOf({ names, strings }: ElfSymbols, symbol: number): string {
  const start = names[symbol] ?? 0
  return Buffer.from(strings.subarray(start, strings.indexOf(0, start))).toString()
}

function othersAt(symbols: ElfSymbols, address: number, size: number, name: string): number {
  let found = 0
  for (let symbol = 0; symbol < symbols.count; symbol++) {
    const [start, length] = [symbols.addresses[symbol] ?? 0, symbols.sizes[symbol] ?? 0]
    if (length > 0 && start < address + size && address < start + length && nameOf(symbols, symbol) !== name)
      found++
  }
  return found
}
