import { byteWriter } from './byte-writer.ts'
import type { PlacedSection } from './elf-writer.ts'

export type ElfSymbol = {
  name: string
  kind: 'function' | 'object' | 'label' | 'file'
  isLocal?: boolean
  /** Name of the section; files have none. */
  section: string
  /** Bytes from the start of the section. */
  offset: number
  sizeBytes: number
}

/** Bytes of an entry of the symbol table. */
export const symbolBytes = 24

const symbolType = { label: 0, object: 1, function: 2, file: 4 }

/** `.symtab` and `.strtab`; `localCount` is the index of the first global symbol. */
export function symbolTable(placed: readonly PlacedSection[], symbols: readonly ElfSymbol[]) {
  const sections = new Map(
    placed.map((section, index) => [section.name, { address: section.address, index: index + 1 }]),
  )
  const strings = stringTable()
  const out = byteWriter((symbols.length + 1) * symbolBytes)
  out.padTo(symbolBytes)
  // The ABI wants local symbols before global ones.
  const locals = symbols.filter((symbol) => symbol.isLocal)
  for (const symbol of [...locals, ...symbols.filter((other) => !other.isLocal)]) {
    const section = sections.get(symbol.section)
    out.u32(strings.add(symbol.name))
    out.u8((symbol.isLocal ? 0 : 0x10) | symbolType[symbol.kind])
    out.u8(0)
    out.u16(section?.index ?? 0xfff1)
    out.u64(section ? section.address + symbol.offset : 0)
    out.u64(symbol.sizeBytes)
  }
  return { symbols: out.finish(), strings: strings.finish(), localCount: locals.length + 1 }
}

/** Texts that end with NUL, each once, found by their offset. */
export function stringTable() {
  const out = byteWriter(2 ** 14)
  const offsets = new Map<string, number>()
  out.u8(0)
  return {
    add: (text: string): number => {
      const known = offsets.get(text)
      if (known !== undefined) return known
      const offset = out.length
      offsets.set(text, offset)
      out.cString(text)
      return offset
    },
    finish: () => out.finish(),
  }
}
