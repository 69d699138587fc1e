import { expect } from 'vitest'
import type { BinarySize } from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import type { SizeTree } from '../../../../server/analyses/binary-size/size-tree.ts'

/** What holds for every tree, whatever the file: no byte is missing, and none is counted twice. */
export function checkSizes(result: BinarySize): void {
  const { tree, fileSizeBytes } = result
  const count = tree.names.length
  expect([tree.kinds.length, tree.parents.length, tree.sizes.length]).toEqual([count, count, count])
  expect([tree.parents[0], tree.sizes[0], tree.kinds[0]]).toEqual([-1, fileSizeBytes, 'FILE'])
  expect(count).toBeLessThanOrEqual(20_000)

  const own = ownSizes(tree)
  expect(own.every((bytes) => bytes >= 0)).toBe(true)
  expect(own.reduce((sum, bytes) => sum + bytes, 0)).toBe(fileSizeBytes)
  expect(tree.sizes.every((bytes) => Number.isSafeInteger(bytes) && bytes > 0)).toBe(true)

  // Pre-order: a node's parent is the node before it, or one that this is in.
  const path = [0]
  const siblings = new Set<string>()
  for (let node = 1; node < count; node++) {
    const parent = tree.parents[node] ?? -1
    while (path.length > 0 && path.at(-1) !== parent) path.pop()
    if (path.length === 0) throw new Error(`node ${node} does not follow its parent`)
    path.push(node)
    siblings.add(`${parent} ${tree.kinds[node]} ${tree.names[node]}`)
  }
  expect(siblings.size).toBe(count - 1)

  const { explainedBytes, debugBytes, loadedWithoutSymbolBytes, otherBytes } = result
  expect(explainedBytes + debugBytes + loadedWithoutSymbolBytes + otherBytes).toBe(fileSizeBytes)
  expect(explainedBytes).toBeGreaterThanOrEqual(0)
}

/** Bytes of each node that are in none below it. */
export function ownSizes({ parents, sizes }: SizeTree): number[] {
  const own = [...sizes]
  for (let node = 1; node < sizes.length; node++) own[parents[node] ?? 0]! -= sizes[node]!
  return own
}

/** Names from the root on, without its own, joined with `/`. */
export function pathsOf({ names, parents }: SizeTree): string[] {
  const paths: string[] = []
  names.forEach((name, node) => {
    const parent = paths[parents[node] ?? -1]
    paths.push(parent === undefined ? '' : parent === '' ? name : `${parent}/${name}`)
  })
  return paths
}

/** Size of the node at a path, or undefined. */
export function sizeAt(tree: SizeTree, path: string): number | undefined {
  return tree.sizes[pathsOf(tree).indexOf(path)]
}
