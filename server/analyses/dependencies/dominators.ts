/**
 * The immediate dominator of each node: the last one that all paths from `root` to it have in common;
 * -1 for the root and for what it does not reach. `successors[i]` are the indices that `i` leads to.
 *
 * Takes O(edges × log nodes), whatever the graph, and no recursion. Source: Lengauer and Tarjan, "A fast
 * algorithm for finding dominators in a flowgraph" (1979), the simple version.
 */
export function immediateDominators(successors: readonly (readonly number[])[], root: number): number[] {
  const { order, parents } = depthFirst(successors, root)
  const rank = new Int32Array(successors.length).fill(-1)
  order.forEach((node, index) => (rank[node] = index))
  const predecessors: number[][] = successors.map(() => [])
  for (const node of order) for (const next of successors[node] ?? []) predecessors[next]?.push(node)

  // All below is in ranks of the depth-first search: a smaller one was visited earlier.
  const count = order.length
  const parent = Int32Array.from(order, (node) => (node === root ? -1 : at(rank, parents[node])))
  const semi = Int32Array.from({ length: count }, (_, index) => index)
  const ancestor = new Int32Array(count).fill(-1)
  const label = semi.slice()
  const dominators = new Int32Array(count).fill(-1)
  const buckets: number[][] = order.map(() => [])

  for (let node = count - 1; node > 0; node -= 1) {
    for (const before of predecessors[order[node] ?? root] ?? []) {
      const candidate = at(semi, best(at(rank, before)))
      if (candidate < at(semi, node)) semi[node] = candidate
    }
    buckets[at(semi, node)]?.push(node)
    const above = at(parent, node)
    ancestor[node] = above
    for (const waiting of buckets[above] ?? []) {
      const least = best(waiting)
      dominators[waiting] = at(semi, least) < at(semi, waiting) ? least : above
    }
    buckets[above] = []
  }
  for (let node = 1; node < count; node += 1)
    if (at(dominators, node) !== at(semi, node)) dominators[node] = at(dominators, at(dominators, node))

  const result = successors.map(() => -1)
  for (let node = 1; node < count; node += 1)
    result[order[node] ?? root] = order[at(dominators, node)] ?? root
  return result

  /** The node of least semidominator on the way up from `node`, below the top of its tree; shortens that way. */
  function best(node: number): number {
    if (at(ancestor, node) < 0) return node
    const path: number[] = []
    let top = node
    while (at(ancestor, at(ancestor, top)) >= 0) {
      path.push(top)
      top = at(ancestor, top)
    }
    for (let one = path.pop(); one !== undefined; one = path.pop()) {
      const above = at(ancestor, one)
      if (at(semi, at(label, above)) < at(semi, at(label, one))) label[one] = at(label, above)
      ancestor[one] = at(ancestor, above)
    }
    return at(label, node)
  }
}

function at(values: Int32Array, index: number | undefined): number {
  return values[index ?? -1] ?? -1
}

/** Nodes in the order of their first visit, and the node that each was first visited from. */
function depthFirst(successors: readonly (readonly number[])[], root: number) {
  const parents = new Int32Array(successors.length).fill(-1)
  const next = new Int32Array(successors.length)
  const seen = new Uint8Array(successors.length)
  const order: number[] = [root]
  const stack: number[] = [root]
  seen[root] = 1
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const successor = successors[node]?.[at(next, node)]
    if (successor === undefined) {
      stack.pop()
      continue
    }
    next[node] = at(next, node) + 1
    if (seen[successor]) continue
    seen[successor] = 1
    parents[successor] = node
    order.push(successor)
    stack.push(successor)
  }
  return { order, parents }
}
