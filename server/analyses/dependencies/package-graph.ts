import { NotAnalysableError } from '../../errors.ts'
import { packageNames } from '../../formats/opam/dependencies.ts'
import { duniverseDirs, DuniverseError } from '../../formats/opam/duniverse.ts'
import { findField, type OpamSection } from '../../formats/opam/opam-value.ts'
import { orbDependencies, OrbDependenciesError } from '../../formats/opam/orb-dependencies.ts'
import { findRoot, type SwitchExport } from '../../formats/opam/switch-export.ts'

/**
 * Where a package comes from: `INSTALLED` by opam, `VENDORED` as a directory of the duniverse, or only
 * `NAMED` by the root's map of dependencies (one of several packages in a directory of another name).
 */
export const packageOrigins = ['INSTALLED', 'VENDORED', 'NAMED'] as const
export type PackageOrigin = (typeof packageOrigins)[number]

export type PackageNode = {
  readonly name: string
  /** Null when the switch does not tell. */
  readonly version: string | null
  readonly origin: PackageOrigin
  /** Where a vendored package was fetched from. */
  readonly sourceUrl: string | null
  /** Whether the switch tells its dependencies; without its opam file it has none here. */
  readonly isDescribed: boolean
}

/** `nodes[0]` is the root, the others are in opam's order of names. `dependencies[i]` are indices, ascending. */
export type PackageGraph = {
  readonly nodes: readonly PackageNode[]
  readonly dependencies: readonly (readonly number[])[]
}

/** The largest known switch has 302 packages and 1,983 dependencies. */
const limits = { packages: 5_000, dependencies: 100_000, nameLength: 255 }

/**
 * Which package of a switch depends on which: by `depends` and `depopts` of the opam files, whatever
 * their filters, as far as installed; or by the root's `x-orb-dependencies`, when it has them.
 * Throws NotAnalysableError.
 * Source: docs/spec/analysis.md, "Dependencies"; robur-coop/opam-graph.
 */
export function packageGraph(it: SwitchExport): PackageGraph {
  const found = findRoot(it)
  if (!found) throw new NotAnalysableError(`${it.roots.length} root packages: a graph has exactly one root`)
  const { root, section } = found
  if (!section)
    throw new NotAnalysableError(
      `no opam file of the root package ${root.name.slice(0, limits.nameLength)}: exported without --full?`,
    )
  const versions = new Map([...it.installed, root].map(({ name, version }) => [name, version]))
  const { urls, orb } = readRoot(section)
  const needed = orb ?? opamDependencies(it, root.name, versions, urls)

  const names = new Set([root.name, ...versions.keys(), ...needed.keys(), ...[...needed.values()].flat()])
  const sorted = [root.name, ...[...names].filter((name) => name !== root.name).toSorted(byName)]
  checkLimits(sorted)
  const indices = new Map(sorted.map((name, index) => [name, index]))
  let count = 0
  const dependencies = sorted.map((name, self) => {
    const own = new Set((needed.get(name) ?? []).map((one) => indices.get(one) ?? self))
    own.delete(self)
    count += own.size
    if (count > limits.dependencies)
      throw new NotAnalysableError(`too many dependencies: at most ${limits.dependencies} are read`)
    return [...own].toSorted((l, r) => l - r)
  })
  const nodes = sorted.map((name): PackageNode => {
    const sourceUrl = (name !== root.name && urls.get(name)) || null
    // What is vendored is what the root is made of, though the switch may have the same for its tools.
    const origin = sourceUrl !== null ? 'VENDORED' : versions.has(name) ? 'INSTALLED' : 'NAMED'
    const version = origin === 'INSTALLED' ? (versions.get(name) ?? null) : null
    return { name, version, origin, sourceUrl, isDescribed: needed.has(name) }
  })
  return { nodes, dependencies }
}

/** What the root itself says of its dependencies. */
function readRoot(section: OpamSection) {
  try {
    const urls = new Map(duniverseDirs(section).map(({ dir, url }) => [dir, url]))
    return { urls, orb: orbDependencies(section) }
  } catch (error) {
    if (error instanceof DuniverseError || error instanceof OrbDependenciesError)
      throw new NotAnalysableError(error.message)
    throw error
  }
}

/** Of each package that the export has an opam file of. The root also needs what is vendored into it. */
function opamDependencies(
  it: SwitchExport,
  root: string,
  versions: ReadonlyMap<string, string>,
  urls: ReadonlyMap<string, string>,
): Map<string, string[]> {
  const needed = new Map<string, string[]>()
  for (const name of versions.keys()) {
    const section = it.packages.get(name)
    if (!section) continue
    const own = [...namesIn(section, 'depends'), ...namesIn(section, 'depopts')]
    const vendored = name === root ? [...urls.keys()] : []
    needed.set(name, [...own.filter((one) => versions.has(one)), ...vendored])
  }
  return needed
}

function namesIn(section: OpamSection, field: 'depends' | 'depopts'): Set<string> {
  return packageNames(findField(section.items, field))
}

/** opam's order of names, which ignores case. */
function byName(left: string, right: string): number {
  const [l, r] = [left.toLowerCase(), right.toLowerCase()]
  if (l !== r) return l < r ? -1 : 1
  return left < right ? -1 : 1
}

function checkLimits(names: readonly string[]): void {
  if (names.length > limits.packages)
    throw new NotAnalysableError(`${names.length} packages: at most ${limits.packages} are read`)
  const long = names.find((name) => name.length > limits.nameLength)
  if (long !== undefined)
    throw new NotAnalysableError(`a package name of ${long.length} characters: at most ${limits.nameLength}`)
}
