import { consoleWindow } from '../../builds/console-window.ts'
import { builder } from '../../graphql/builder.ts'
import { formatCursor, pageCost, parsePage, type ListOrder } from '../../graphql/connection.ts'
import type { DependenciesResult } from './analyse-dependencies.ts'
import { packageSets, type PackageSets } from './package-sets.ts'

/** A package, by its index in the columns of a result. */
export type PackageAt = { result: DependenciesResult; index: number }

/** Results are kept for a while, and with them what was worked out of them. */
const knownSets = new WeakMap<DependenciesResult, PackageSets>()

function setsOf(result: DependenciesResult): PackageSets {
  const sets = knownSets.get(result) ?? packageSets(result)
  knownSets.set(result, sets)
  return sets
}

const PackageOrigin = builder.enumType('PackageOrigin', {
  description: 'Where a package comes from.',
  values: {
    INSTALLED: {
      description:
        'opam installed it. A directory of the duniverse with another name can have its sources, too.',
    },
    VENDORED: {
      description:
        "A directory of the root's duniverse: sources that opam-monorepo fetches. If the root has its own map of dependencies, the graph has only the directories that the map names.",
    },
    NAMED: {
      description:
        "Only the root's own map of dependencies (`x-orb-dependencies`) names it: mostly one of several " +
        'packages in a vendored directory of another name.',
    },
  },
})

export const Dependency = builder.objectRef<PackageAt>('Dependency').implement({
  description:
    'A package of the switch that a build was made in. Lists of packages are in order of their names, unless they say otherwise.',
  fields: (t) => ({
    name: t.string({
      description: 'Name of the package; the directory name if the package is vendored.',
      resolve: ({ result, index }) => result.names[index] ?? '',
    }),
    version: t.string({
      nullable: true,
      description: 'Version of the package. Null if the switch does not record it.',
      resolve: ({ result, index }) => result.versions[index] ?? null,
    }),
    origin: t.field({
      type: PackageOrigin,
      description: 'Where it comes from.',
      resolve: ({ result, index }) => result.origins[index] ?? 'NAMED',
    }),
    sourceUrl: t.string({
      nullable: true,
      description:
        'URL of the sources of a vendored package, as the switch records it. Null if the package is not vendored.',
      resolve: ({ result, index }) => result.sourceUrls[index] ?? null,
    }),
    isDirect: t.boolean({
      description: 'Whether the root depends on this package directly.',
      resolve: ({ result, index }) => setsOf(result).dependencies[0]?.includes(index) ?? false,
    }),
    isNeeded: t.boolean({
      description:
        'Whether the root needs this package, directly or indirectly. The other packages of the switch were used only to build, or not at all.',
      resolve: ({ result, index }) => (result.parents[index] ?? -1) >= 0,
    }),
    isDescribed: t.boolean({
      description:
        'Whether the switch records the dependencies of this package. If not, its list of dependencies is empty.',
      resolve: ({ result, index }) => result.isDescribed[index] ?? false,
    }),
    dependencyCount: t.int({
      description: 'Number of packages that this package needs, directly or indirectly, without itself.',
      resolve: ({ result, index }) => result.dependencyCounts[index] ?? 0,
    }),
    dependantCount: t.int({
      description: 'Number of packages that need this package, directly or indirectly.',
      resolve: ({ result, index }) => result.dependantCounts[index] ?? 0,
    }),
  }),
})

export const DependencyConnection = builder.connectionObject(
  { type: Dependency, name: 'DependencyConnection', description: 'A page of packages.' },
  { name: 'DependencyEdge', description: 'A package in a list.' },
)

type PlacedPackage = PackageAt & { place: number }

const byPlace: ListOrder<PlacedPackage, number> = {
  name: 'dependency',
  keyOf: ({ place }) => String(place),
  parseKey: (text) => (/^\d{1,10}$/.test(text) ? Number(text) : null),
}

/** A page of packages, in the order given; cursors are their places in the list, from 1. */
export function dependencyPage(
  result: DependenciesResult,
  indices: readonly number[],
  args: Parameters<typeof parsePage>[0],
) {
  const { start, count, ...more } = consoleWindow(parsePage(args, byPlace), indices.length)
  const edges = indices.slice(start, start + count).map((index, at) => {
    const node: PlacedPackage = { result, index, place: start + at + 1 }
    return { node, cursor: formatCursor(byPlace, node) }
  })
  return {
    edges,
    pageInfo: { ...more, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: () => indices.length,
  }
}

builder.objectFields(Dependency, (t) => {
  const list = (description: string, find: (sets: PackageSets, index: number) => readonly number[]) =>
    t.connection(
      {
        type: Dependency,
        description,
        complexity: pageCost,
        resolve: ({ result, index }, args) => dependencyPage(result, find(setsOf(result), index), args),
      },
      DependencyConnection,
    )
  return {
    why: list(
      'A shortest path of dependencies from the root to this package, including both. Empty if the root does not need this package.',
      (sets, index) => sets.findPath(index) ?? [],
    ),
    onlyBrings: list('Packages that the root would not need without this package.', (sets, index) =>
      sets.findOnlyBrought(index),
    ),
    dependencies: list(
      'Packages that this package depends on directly.',
      (sets, index) => sets.dependencies[index] ?? [],
    ),
    allDependencies: list(
      'Packages that this package needs, directly or indirectly, without itself.',
      (sets, index) => sets.findAllDependencies(index),
    ),
    dependants: list(
      'Packages that depend on this package directly.',
      (sets, index) => sets.dependants[index] ?? [],
    ),
  }
})
