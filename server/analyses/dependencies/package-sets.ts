import type { DependenciesResult } from './analyse-dependencies.ts'

/** What can be asked about the packages of a switch. Packages are given by their indices. */
export type PackageSets = {
  /** Those that it names itself; ascending. */
  dependencies: readonly (readonly number[])[]
  /** Those that name it; ascending. */
  dependants: readonly (readonly number[])[]
  /** All that it needs, directly or not, without itself; ascending. */
  findAllDependencies: (index: number) => number[]
  /** From the root to it, both included: a shortest path; null for what the root does not need. */
  findPath: (index: number) => number[] | null
  /** What the root would not need without it, itself not included; ascending. */
  findOnlyBrought: (index: number) => number[]
}

/** Takes O(packages + dependencies), as does each question. */
export function packageSets({ names, edges, parents, dominators }: DependenciesResult): PackageSets {
  const dependencies = groupBy(names.length, edges.from, edges.to)
  const dependants = groupBy(names.length, edges.to, edges.from)
  const dominated = groupBy(
    names.length,
    dominators,
    dominators.map((_, index) => index),
  )
  return {
    dependencies,
    dependants,
    findAllDependencies: (index) => reach(dependencies, index),
    findOnlyBrought: (index) => reach(dominated, index),
    findPath(index) {
      const path = [index]
      for (let at = parents[index] ?? -1; at >= 0; at = parents[at] ?? -1) path.push(at)
      return path.at(-1) === 0 ? path.reverse() : null
    },
  }
}

function groupBy(count: number, keys: readonly number[], values: readonly number[]): number[][] {
  const groups: number[][] = Array.from({ length: count }, () => [])
  keys.forEach((key, at) => groups[key]?.push(values[at] ?? -1))
  return groups
}

function reach(successors: readonly (readonly number[])[], start: number): number[] {
  const reached = new Set([start])
  for (const index of reached) for (const next of successors[index] ?? []) reached.add(next)
  reached.delete(start)
  return [...reached].toSorted((l, r) => l - r)
}
