import fc from 'fast-check'
import { expect, test } from 'vitest'
import { immediateDominators } from '../../../../server/analyses/dependencies/dominators.ts'

test.each<[name: string, graph: number[][], expected: number[]]>([
  ['a root alone', [[]], [-1]],
  ['a root that needs itself', [[0]], [-1]],
  ['a chain', [[1], [2], []], [-1, 0, 1]],
  ['two ways', [[1, 2], [3], [3], []], [-1, 0, 0, 0]],
  ['a cycle', [[1], [2], [1, 0]], [-1, 0, 1]],
  ['a cycle that is entered at two places', [[1, 2], [2], [1]], [-1, 0, 0]],
  ['what the root does not need', [[1], [], [1]], [-1, 0, -1]],
  // The graph of Lengauer and Tarjan's figure 1: R, A to L.
  [
    "the paper's example",
    [[1, 2, 3], [4], [1, 4, 5], [6, 7], [12], [8], [9], [9, 10], [5, 11], [11], [9], [9, 0], [8]],
    [-1, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4],
  ],
])('%s', (_name, graph, expected) => {
  expect(immediateDominators(graph, 0)).toEqual(expected)
})

/** Up to 14 nodes, each with up to 5 successors: small enough for many cycles. */
const graphs = fc
  .integer({ min: 1, max: 14 })
  .chain((count) =>
    fc.array(fc.array(fc.nat(count - 1), { maxLength: 5 }), { minLength: count, maxLength: count }),
  )

function reachedWithout(graph: readonly (readonly number[])[], removed: number): Set<number> {
  const reached = new Set(removed === 0 ? [] : [0])
  for (const node of reached) for (const next of graph[node] ?? []) if (next !== removed) reached.add(next)
  return reached
}

test('a node dominates exactly the nodes that cannot be reached without it', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const dominators = immediateDominators(graph, 0)
      const isDominatedBy = (node: number, other: number): boolean => {
        for (let at = node; at >= 0; at = dominators[at] ?? -1) if (at === other) return true
        return false
      }
      const reached = reachedWithout(graph, -1)
      for (const removed of graph.keys()) {
        const left = reachedWithout(graph, removed)
        for (const node of reached) expect(isDominatedBy(node, removed)).toBe(!left.has(node))
      }
      for (const node of graph.keys()) if (!reached.has(node)) expect(dominators[node]).toBe(-1)
    }),
    { seed: 2_026_11, numRuns: 3_000 },
  )
})

test('a chain of 100,000 nodes needs no deep stack', () => {
  const count = 100_000
  const chain = Array.from({ length: count }, (_, node) => (node + 1 < count ? [node + 1, 0] : [0]))
  const dominators = immediateDominators(chain, 0)
  expect(dominators[count - 1]).toBe(count - 2)
})
