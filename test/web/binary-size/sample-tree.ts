import type { SizeColumns, SizeKind } from '../../../web/binary-size/size-tree.ts'

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const words = [
  'mirage',
  'crypto',
  'tls',
  'dns',
  'x509',
  'lwt',
  'cstruct',
  'tcp',
  'ip',
  'git',
  'irmin',
  'http',
]

/**
 * A tree as large binaries have it: packages of modules of code and data of functions, sizes over many
 * orders of magnitude, and sections that nothing explains.
 */
export function sampleColumns(seed: number, nodeCount: number): SizeColumns {
  const random = seededRandom(seed)
  const names: string[] = []
  const kinds: SizeKind[] = []
  const parents: number[] = []
  const sizes: number[] = []
  const add = (name: string, kind: SizeKind, parent: number, bytes: number): number => {
    names.push(name)
    kinds.push(kind)
    parents.push(parent)
    sizes.push(0)
    for (let at = names.length - 1; at >= 0; at = parents[at] ?? -1) sizes[at] = (sizes[at] ?? 0) + bytes
    return names.length - 1
  }
  const word = () => words[Math.floor(random() * words.length)] ?? 'main'
  const skewed = (most: number) => Math.floor(most * random() ** 3) + 1

  add('unikernel.hvt', 'FILE', -1, 4096)
  add('.debug_info', 'SECTION', 0, nodeCount * 60)
  add('.debug_line', 'SECTION', 0, nodeCount * 20)
  while (names.length < nodeCount) {
    const home = add(`${word()}-${word()}`, 'PACKAGE', 0, 0)
    for (let modules = skewed(24); modules > 0 && names.length < nodeCount; modules--) {
      const module = add(`${word()}_${word()}`, 'MODULE', home, skewed(64))
      for (const kind of ['CODE', 'DATA'] as const) {
        if (names.length >= nodeCount) break
        const group = add(kind.toLowerCase(), kind, module, kind === 'DATA' ? skewed(20_000) : 0)
        if (kind === 'DATA') continue
        for (let functions = skewed(60); functions > 0 && names.length < nodeCount; functions--)
          add(`${word()}_${functions}`, 'FUNCTION', group, skewed(4_000))
      }
    }
  }
  return { names, kinds, parents, leftSizesBytes: sizes, rightSizesBytes: sizes }
}
