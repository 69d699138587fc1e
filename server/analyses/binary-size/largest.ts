import { compareTexts } from './fold.ts'
import type { SizeNodeKind, SizeTree } from './size-tree.ts'

/** A package, or a module or source file, with what it has of code and data. */
export type SizeEntry = {
  /** A module with those that it is in: `Stdlib.List`; a file with its path in the package. */
  name: string
  kind: SizeNodeKind
  /** The package that a module is of, as far as it is known. */
  packageName: string | null
  sizeBytes: number
  codeBytes: number
  dataBytes: number
}

/** Packages, the runtime among them, the largest first. */
export function packageSizes(tree: SizeTree): SizeEntry[] {
  return entriesOf(tree, (node) => isPackage(tree.kinds[node]))
}

/**
 * Modules and source files, the largest first. What a module has is its own, without that of the
 * modules in it: those are entries, too.
 */
export function moduleSizes(tree: SizeTree): SizeEntry[] {
  return entriesOf(tree, (node) => tree.kinds[node] === 'MODULE').filter(({ sizeBytes }) => sizeBytes > 0)
}

function isPackage(kind: SizeNodeKind | undefined): boolean {
  return kind === 'PACKAGE' || kind === 'RUNTIME'
}

/** Nodes that are counted, each with what is below it, but for what is of another one below. */
function entriesOf(tree: SizeTree, isCounted: (node: number) => boolean): SizeEntry[] {
  const { names, kinds, parents, sizes } = tree
  const entries: SizeEntry[] = []
  // Of each node: the entry that it belongs to, and those around it.
  const entryOf: (SizeEntry | null)[] = []
  const packageOf: (string | null)[] = []
  for (let node = 0; node < sizes.length; node++) {
    const parent = parents[node] ?? -1
    const kind = kinds[node] ?? 'OTHER'
    const around = entryOf[parent] ?? null
    packageOf.push(isPackage(kind) ? (names[node] ?? '') : (packageOf[parent] ?? null))
    if (!isCounted(node)) {
      entryOf.push(around)
    } else {
      const isNested = kind === 'MODULE' && kinds[parent] === 'MODULE'
      const entry: SizeEntry = {
        name: isNested ? `${around?.name}.${names[node]}` : (names[node] ?? ''),
        kind,
        packageName: kind === 'MODULE' ? (packageOf[parent] ?? null) : null,
        sizeBytes: 0,
        codeBytes: 0,
        dataBytes: 0,
      }
      entryOf.push(entry)
      entries.push(entry)
    }
  }
  const own = ownSizes(tree)
  for (let node = 0; node < sizes.length; node++) {
    const entry = entryOf[node]
    if (!entry) continue
    const bytes = own[node] ?? 0
    entry.sizeBytes += bytes
    const holder = kinds[node] === 'FUNCTION' || kinds[node] === 'OBJECT' ? node : (parents[node] ?? -1)
    const kind = kinds[node] === 'CODE' || kinds[node] === 'DATA' ? kinds[node] : kinds[holder]
    if (kind === 'CODE' || kind === 'FUNCTION') entry.codeBytes += bytes
    else if (kind === 'DATA' || kind === 'OBJECT') entry.dataBytes += bytes
  }
  for (const { node, codeBytes, dataBytes } of tree.folded ?? []) {
    const entry = entryOf[node]
    if (!entry) continue
    entry.codeBytes += codeBytes
    entry.dataBytes += dataBytes
  }
  return entries.sort((a, b) => b.sizeBytes - a.sizeBytes || compareTexts(a.name, b.name))
}

/** Bytes of each node that are in none below it. */
function ownSizes({ parents, sizes }: SizeTree): number[] {
  const own = [...sizes]
  for (let node = 1; node < sizes.length; node++) {
    const parent = parents[node] ?? 0
    own[parent] = (own[parent] ?? 0) - (sizes[node] ?? 0)
  }
  return own
}
