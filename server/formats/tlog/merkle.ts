import { createHash } from 'node:crypto'
import { completeNodes, type Range, type TreeNode } from './tree.ts'

// Source: RFC 6962, 2.1.

/** The hash of a complete subtree of a log: 32 bytes. */
export type NodeReader = (node: TreeNode) => Promise<Uint8Array>

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** SHA-256 of an entry as a leaf of the tree. */
export const leafHash = (entry: Uint8Array): Buffer => sha256(leafPrefix, entry)

/** SHA-256 of two subtrees as a node of the tree. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(nodePrefix, left, right)

/** The root of the tree without a leaf. */
export const emptyRoot = sha256()

/**
 * The complete subtrees at the right edge of a tree, the largest first: one for each 1 in the binary digits of its size. This is all that
 * appending needs.
 */
export type Edge = readonly Uint8Array[]

/** The edge after a leaf is appended to a tree of `size` leaves. */
export function appendLeaf(edge: Edge, size: number, leaf: Uint8Array): Edge {
  const next = [...edge]
  let hash = leaf
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    const left = next.pop()
    if (!left) throw new Error(`the edge of a tree of ${size} leaves has too few hashes`)
    hash = nodeHash(left, hash)
  }
  return [...next, hash]
}

/** The hash over complete subtrees that lie side by side, the largest first; of none: that of the empty tree. */
export function rootOf(hashes: Edge): Uint8Array {
  const [last, ...rest] = hashes.toReversed()
  return last ? rest.reduce((right, left) => nodeHash(left, right), last) : emptyRoot
}

/** The root of a complete subtree, of its 1, 2, 4 … hashes of one level. */
export function rootOfComplete(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, n) => {
      const [left, right] = level.slice(2 * n, 2 * n + 2)
      if (!left || !right) throw new Error('a complete subtree has 1, 2, 4 … hashes')
      return nodeHash(left, right)
    })
  const [root] = level
  if (!root) throw new Error('a complete subtree has 1, 2, 4 … hashes')
  return root
}

/** The hashes of ranges, such as those of a proof. */
export async function hashRanges(ranges: readonly Range[], read: NodeReader): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = []
  for (const range of ranges) hashes.push(rootOf(await Promise.all(completeNodes(range).map(read))))
  return hashes
}
