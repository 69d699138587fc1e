/** A graph of packages in columns, as `DependencyGraph` of schema.graphql describes it. Node 0 is the root. */
export type GraphColumns = {
  names: readonly string[]
  versions: readonly (string | null)[]
  sourceUrls: readonly (string | null)[]
  isDescribed: readonly boolean[]
  from: readonly number[]
  to: readonly number[]
  parents: readonly (number | null)[]
  dominators: readonly (number | null)[]
  dependencyCounts: readonly number[]
  dependantCounts: readonly number[]
}

/** A graph with derived facts. Packages are indices; lists are in the order of names. */
export type PackageGraph = GraphColumns & {
  /** Direct dependencies of each package. */
  dependencies: readonly (readonly number[])[]
  /** Direct dependents of each package. */
  dependants: readonly (readonly number[])[]
  /** The root needs it, directly or not. The root is not needed. */
  isNeeded: (index: number) => boolean
  isDirect: (index: number) => boolean
  /** From the root to it, both included: a shortest way; only itself where nothing needs it. */
  pathTo: (index: number) => number[]
  /** Packages that the root would not need without this package. */
  broughtBy: (index: number) => readonly number[]
}

export function packageGraph(columns: GraphColumns): PackageGraph {
  const { names, from, to, parents, dominators } = columns
  const dependencies = groupBy(names.length, from, to)
  const dependants = groupBy(names.length, to, from)
  const brought = collectBelow(dominators)
  const direct = new Set(dependencies[0])
  return {
    ...columns,
    dependencies,
    dependants,
    isNeeded: (index) => (parents[index] ?? -1) >= 0,
    isDirect: (index) => direct.has(index),
    pathTo(index) {
      const path = [index]
      for (let at = parents[index] ?? -1; at >= 0; at = parents[at] ?? -1) path.push(at)
      return path.reverse()
    },
    broughtBy: (index) => brought(index),
  }
}

function groupBy(count: number, keys: readonly (number | null)[], values: readonly number[]): number[][] {
  const groups: number[][] = Array.from({ length: count }, () => [])
  keys.forEach((key, at) => key !== null && groups[key]?.push(values[at] ?? 0))
  return groups
}

/** All descendants of a node in the tree given by `parents`, ascending, each once. */
function collectBelow(parents: readonly (number | null)[]) {
  const children = groupBy(
    parents.length,
    parents,
    parents.map((_, index) => index),
  )
  const known = new Map<number, readonly number[]>()
  return (index: number): readonly number[] => {
    const found = known.get(index) ?? below(index)
    known.set(index, found)
    return found
  }
  function below(index: number): number[] {
    const found = new Set([index])
    for (const one of found) for (const child of children[one] ?? []) found.add(child)
    found.delete(index)
    return [...found].toSorted((l, r) => l - r)
  }
}
