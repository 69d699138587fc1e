import { readFileSync } from 'node:fs'
import { formatByteSize } from '../../byte-size.ts'
import type { BinarySize, BinarySizeFacts } from './analyse-binary-size.ts'
import { compareTexts, maxNodes } from './fold.ts'
import { binarySize, parseStored } from '../stored-results.ts'
import { moduleSizes, packageSizes, type SizeEntry } from './largest.ts'
import type { SizeNodeKind, SizeTree } from './size-tree.ts'

/** Two trees as one, in columns and in pre-order, with the bytes of either side: 0 where it lacks the node. */
export type SizeTreeDiff = {
  names: string[]
  kinds: SizeNodeKind[]
  parents: number[]
  leftSizes: number[]
  rightSizes: number[]
}

/** A package, or a module or source file, that is larger or smaller on the right. */
export type SizeChange = Pick<SizeEntry, 'name' | 'kind' | 'packageName'> & {
  leftBytes: number
  rightBytes: number
}

export type BinarySizeDiff = {
  left: BinarySizeFacts
  right: BinarySizeFacts
  tree: SizeTreeDiff
  /** In words: `+13.9 KiB: +12.0 KiB in dns, …`. */
  summary: string
  /** The largest changes first. */
  packages: SizeChange[]
  modules: SizeChange[]
}

/** The files of two stored results of the analysis, which are JSON. */
export type StoredResults = { leftFile: string; rightFile: string }

/** The task of worker processes that compares two stored results. Returns a BinarySizeDiff as JSON. */
export function diffStoredSizes({ leftFile, rightFile }: StoredResults): Uint8Array {
  return Buffer.from(JSON.stringify(diffBinarySizes(readResult(leftFile), readResult(rightFile))))
}

function readResult(file: string): BinarySize {
  const result = parseStored(binarySize, readFileSync(file, 'utf8'))
  if (!result) throw new Error('the stored result of the analysis BINARY_SIZE does not have its shape')
  return result
}

/** How the sizes of two binaries differ, package by package and module by module. */
export function diffBinarySizes(left: BinarySize, right: BinarySize): BinarySizeDiff {
  const tree = mergeTrees(left.tree, right.tree, Math.max(left.foldedBelowBytes, right.foldedBelowBytes))
  return {
    left: factsOf(left),
    right: factsOf(right),
    tree,
    summary: summarize(tree),
    packages: changesOf(packageSizes(left.tree), packageSizes(right.tree)),
    modules: changesOf(moduleSizes(left.tree), moduleSizes(right.tree)),
  }
}

function factsOf({ tree: _tree, ...facts }: BinarySize): BinarySizeFacts {
  return facts
}

type Merged = { name: string; kind: SizeNodeKind; left: number[]; right: number[]; sizes: [number, number] }

/**
 * The union of two trees, matched by kind and name from the root on. The compiler numbers functions of a
 * module one after the other, so that each change renames all that follow: they are matched without
 * their number, and those of the same name are one. What is smaller than `atLeast` on both sides is left
 * out, as either side may have folded it.
 */
export function mergeTrees(left: SizeTree, right: SizeTree, atLeast: number): SizeTreeDiff {
  const leftChildren = childrenOf(left)
  const rightChildren = childrenOf(right)
  const merged: { node: Merged; parent: number }[] = []

  const add = (node: Merged, parent: number) => {
    const own = merged.push({ node, parent }) - 1
    const below = new Map<string, Merged>()
    const take = (side: 0 | 1, tree: SizeTree, children: number[]) => {
      for (const child of children) {
        const kind = tree.kinds[child] ?? 'OTHER'
        const given = tree.names[child] ?? ''
        const name = kind === 'FUNCTION' && node.kind === 'CODE' ? given.replace(stamp, '') : given
        const key = `${kind} ${name}`
        let found = below.get(key)
        if (!found) below.set(key, (found = { name, kind, left: [], right: [], sizes: [0, 0] }))
        found[side === 0 ? 'left' : 'right'].push(child)
        found.sizes[side] += tree.sizes[child] ?? 0
      }
    }
    for (const each of node.left) take(0, left, leftChildren[each] ?? [])
    for (const each of node.right) take(1, right, rightChildren[each] ?? [])
    const sorted = [...below.values()].filter(({ sizes }) => Math.max(...sizes) >= atLeast)
    sorted.sort(
      (a, b) =>
        Math.max(...b.sizes) - Math.max(...a.sizes) ||
        compareTexts(a.name, b.name) ||
        compareTexts(a.kind, b.kind),
    )
    for (const child of sorted) add(child, own)
  }
  add(
    { name: 'file', kind: 'FILE', left: [0], right: [0], sizes: [left.sizes[0] ?? 0, right.sizes[0] ?? 0] },
    -1,
  )

  if (merged.length > maxNodes) {
    const sizes = Float64Array.from(merged, ({ node }) => Math.max(...node.sizes)).sort()
    return mergeTrees(left, right, (sizes[sizes.length - maxNodes - 1] ?? 0) + 1)
  }
  return {
    names: merged.map(({ node }) => node.name),
    kinds: merged.map(({ node }) => node.kind),
    parents: merged.map(({ parent }) => parent),
    leftSizes: merged.map(({ node }) => node.sizes[0]),
    rightSizes: merged.map(({ node }) => node.sizes[1]),
  }
}

/** `map_123`, `fun_1452_1501`, and flambda's `map_12_34_code`. */
const stamp = /(?:_\d+)+(?:_code)?$/

function childrenOf({ parents }: SizeTree): number[][] {
  const children: number[][] = parents.map(() => [])
  parents.forEach((parent, node) => {
    if (parent >= 0) children[parent]?.push(node)
  })
  return children
}

function changesOf(left: readonly SizeEntry[], right: readonly SizeEntry[]): SizeChange[] {
  const changes = new Map<string, SizeChange>()
  const take = (entries: readonly SizeEntry[], side: 'leftBytes' | 'rightBytes') => {
    for (const { name, kind, packageName, sizeBytes } of entries) {
      const key = `${kind} ${packageName ?? ''} ${name}`
      const change = changes.get(key) ?? { name, kind, packageName, leftBytes: 0, rightBytes: 0 }
      change[side] += sizeBytes
      changes.set(key, change)
    }
  }
  take(left, 'leftBytes')
  take(right, 'rightBytes')
  const weight = ({ leftBytes, rightBytes }: SizeChange) => Math.abs(rightBytes - leftBytes)
  return [...changes.values()]
    .filter((change) => weight(change) > 0)
    .sort((a, b) => weight(b) - weight(a) || compareTexts(a.name, b.name))
}

const named = 3

/** By what the file consists of at the top: packages, debug information and the like. */
function summarize({ names, parents, leftSizes, rightSizes }: SizeTreeDiff): string {
  const deltaOf = (node: number) => (rightSizes[node] ?? 0) - (leftSizes[node] ?? 0)
  const changed = names
    .map((name, node) => ({ name, parent: parents[node], delta: deltaOf(node) }))
    .filter(({ parent, delta }) => parent === 0 && delta !== 0)
    .sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta) || compareTexts(a.name, b.name))
  if (changed.length === 0) return 'nothing changed its size'
  const parts = changed.slice(0, named).map(({ name, delta }) => `${signedBytes(delta)} in ${name}`)
  const others = changed.length - named
  return `${signedBytes(deltaOf(0))}: ${parts.join(', ')}${others > 0 ? `, and ${others} more` : ''}`
}

/** `+13.9 KiB`, `−512 B`, `±0 B`. */
export function signedBytes(bytes: number): string {
  const sign = bytes > 0 ? '+' : bytes < 0 ? '−' : '±'
  return `${sign}${formatByteSize(Math.abs(bytes))}`
}
