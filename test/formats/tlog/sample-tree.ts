import { createHash } from 'node:crypto'
import {
  appendLeaf,
  nodeHash,
  rootOf,
  type Edge,
  type NodeReader,
} from '../../../server/formats/tlog/merkle.ts'

/** Leaves that differ. */
export const sampleLeaves = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, n) => createHash('sha256').update(String(n)).digest())

/** The right edges of the trees with 0, 1, 2 … of the leaves. */
export function edgesOf(leaves: readonly Uint8Array[]): Edge[] {
  const edges: Edge[] = [[]]
  for (const [size, leaf] of leaves.entries()) edges.push(appendLeaf(edges[size] ?? [], size, leaf))
  return edges
}

/** Their roots. */
export const rootsOf = (leaves: readonly Uint8Array[]): Uint8Array[] => edgesOf(leaves).map(rootOf)

/** Computes nodes from the leaves below them, each once. */
export function nodeReaderOf(leaves: readonly Uint8Array[]): NodeReader {
  const known = new Map<string, Uint8Array>()
  const hash = (level: number, index: number): Uint8Array => {
    const name = `${level}/${index}`
    const found = level === 0 ? leaves[index] : known.get(name)
    if (found) return found
    if (level === 0) throw new Error(`there is no leaf ${index}`)
    const made = nodeHash(hash(level - 1, 2 * index), hash(level - 1, 2 * index + 1))
    known.set(name, made)
    return made
  }
  return ({ level, index }) => Promise.resolve(hash(level, index))
}
