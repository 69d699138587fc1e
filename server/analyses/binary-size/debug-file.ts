import { findBuildId } from '../../formats/elf-notes.ts'
import { sectionType, type Elf, type ElfSection } from '../../formats/elf.ts'
import { isCode, isLoaded } from './file-extents.ts'

/** Whether it has the places of code but no code: `objcopy --only-keep-debug` makes such files. */
export function holdsDebugInformationAlone({ sections }: Elf): boolean {
  const code = sections.filter(isCode)
  return code.length > 0 && code.every(({ type }) => type === sectionType.nobits)
}

/**
 * Why a file of debug information is not the one of this binary; null when it is. By GNU's build id, or
 * by the places of the code when one of them has none.
 */
export function findMismatch(binary: Elf, debug: Elf): string | null {
  const [own, given] = [findBuildId(binary), findBuildId(debug)]
  if (own !== null && given !== null) {
    return own === given ? null : `its build id is ${given}, that of the main binary is ${own}`
  }
  const [ownCode, givenCode] = [placesOfCode(binary), placesOfCode(debug)]
  // A binary whose section headers were stripped has its segments alone.
  if (ownCode === givenCode || binary.sectionHeaders.count === 0) return null
  return 'its code has another place or size than that of the main binary, and one of them has no build id'
}

function placesOfCode({ sections }: Elf): string {
  return sections
    .filter((section) => isCode(section) && section.sizeBytes > 0)
    .map(({ address, sizeBytes }) => `${address}+${sizeBytes}`)
    .sort()
    .join(' ')
}

/**
 * For each section of a file of debug information the number of the same section of its binary, or of
 * the segment that it lies in; -1 for what the binary lacks.
 */
export function sectionsInBinary(debug: Elf, binary: Elf): Int32Array {
  const loaded = binary.sections.filter(isLoaded).sort((a, b) => a.address - b.address)
  const same = new Map(loaded.map((section) => [keyOf(section), section.index]))
  /** The last section that begins at or below the address. */
  const sectionAt = (address: number) => {
    let [from, to] = [0, loaded.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((loaded[middle]?.address ?? 0) <= address) from = middle + 1
      else to = middle
    }
    return loaded[from - 1]
  }
  return Int32Array.from(debug.sections, (section) => {
    if (!isLoaded(section)) return -1
    const { address, sizeBytes } = section
    const known = same.get(keyOf(section))
    if (known !== undefined) return known
    const around = sectionAt(address)
    return around && address + sizeBytes <= around.address + around.sizeBytes ? around.index : -1
  })
}

function keyOf({ name, address }: ElfSection): string {
  return `${address} ${name}`
}
