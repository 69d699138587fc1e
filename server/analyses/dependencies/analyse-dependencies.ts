import { showInvalidBytesIn } from '../../formats/exact-text.ts'
import { parseSwitchExport } from '../../formats/opam/switch-export.ts'
import { immediateDominators } from './dominators.ts'
import { type PackageOrigin, packageGraph } from './package-graph.ts'

/**
 * The packages of a switch and what each is there for, in columns: one item per package, the root first,
 * the others in opam's order of names. Numbers are indices of packages.
 */
export type DependenciesResult = {
  names: string[]
  versions: (string | null)[]
  origins: PackageOrigin[]
  sourceUrls: (string | null)[]
  isDescribed: boolean[]
  /** Who depends on whom: `from[i]` on `to[i]`, sorted by both. */
  edges: { from: number[]; to: number[] }
  /**
   * The next package on a shortest path to the root, the first of several; -1 for the root and what it does not need.
   */
  parents: number[]
  /** The package without which the root would not need this one; -1 as in `parents`. */
  dominators: number[]
  /** How many packages it depends on, directly or not. Itself does not count, though it be in a cycle. */
  dependencyCounts: number[]
  /** How many packages depend on it, directly or not. */
  dependantCounts: number[]
}

const decoder = new TextDecoder()

/**
 * The dependencies in an `opam-switch`, given as its bytes. Takes O(packages × dependencies) steps, which
 * NotAnalysableError bounds.
 * Throws OpamSyntaxError, OpamLimitError, NotAnalysableError.
 */
export function analyseDependencies(opamSwitch: Uint8Array): DependenciesResult {
  const { nodes, dependencies } = packageGraph(parseSwitchExport(decoder.decode(opamSwitch)))
  return {
    names: showInvalidBytesIn(nodes.map(({ name }) => name)),
    versions: showInvalidBytesIn(nodes.map(({ version }) => version)),
    origins: nodes.map(({ origin }) => origin),
    sourceUrls: showInvalidBytesIn(nodes.map(({ sourceUrl }) => sourceUrl)),
    isDescribed: nodes.map(({ isDescribed }) => isDescribed),
    edges: {
      from: dependencies.flatMap((needed, index) => needed.map(() => index)),
      to: dependencies.flat(),
    },
    parents: shortestPaths(dependencies),
    dominators: immediateDominators(dependencies, 0),
    ...countReached(dependencies),
  }
}

function shortestPaths(dependencies: readonly (readonly number[])[]): number[] {
  const parents = dependencies.map(() => -1)
  const reached = new Set([0])
  // A set is walked in the order of insertion, also over what is inserted meanwhile.
  for (const index of reached)
    for (const needed of dependencies[index] ?? []) {
      if (reached.has(needed)) continue
      reached.add(needed)
      parents[needed] = index
    }
  return parents
}

function countReached(dependencies: readonly (readonly number[])[]) {
  const count = dependencies.length
  // In one piece, as each dependency is followed up to as many times as there are packages.
  const targets = Int32Array.from(dependencies.flat())
  const starts = new Int32Array(count + 1)
  dependencies.forEach((needed, index) => (starts[index + 1] = (starts[index] ?? 0) + needed.length))

  const dependencyCounts = dependencies.map(() => 0)
  const dependantCounts = new Int32Array(count)
  /** By whom each was reached last, so that nothing is to be cleared between the searches. */
  const reachedBy = new Int32Array(count).fill(-1)
  const queue = new Int32Array(count)
  for (let start = 0; start < count; start += 1) {
    reachedBy[start] = start
    queue[0] = start
    let length = 1
    for (let next = 0; next < length; next += 1) {
      const index = queue[next] ?? 0
      const end = starts[index + 1] ?? 0
      for (let edge = starts[index] ?? 0; edge < end; edge += 1) {
        const needed = targets[edge] ?? 0
        if (reachedBy[needed] === start) continue
        reachedBy[needed] = start
        queue[length] = needed
        length += 1
        dependantCounts[needed] = (dependantCounts[needed] ?? 0) + 1
      }
    }
    dependencyCounts[start] = length - 1
  }
  return { dependencyCounts, dependantCounts: [...dependantCounts] }
}
