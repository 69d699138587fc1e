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
    INSTALLED: { description: 'opam installed it.' },
    VENDORED: { description: "A directory of the root's duniverse: sources that opam-monorepo fetches." },
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
      description: 'Its name; of what is vendored, the directory.',
      resolve: ({ result, index }) => result.names[index] ?? '',
    }),
    version: t.string({
      nullable: true,
      description: 'Its version; null when the switch does not tell.',
      resolve: ({ result, index }) => result.versions[index] ?? null,
    }),
    origin: t.field({
      type: PackageOrigin,
      description: 'Where it comes from.',
      resolve: ({ result, index }) => result.origins[index] ?? 'NAMED',
    }),
    sourceUrl: t.string({
      nullable: true,
      description: 'Where its sources were fetched from, as the switch says; null for what is not vendored.',
      resolve: ({ result, index }) => result.sourceUrls[index] ?? null,
    }),
    isDirect: t.boolean({
      description: 'The root names it itself.',
      resolve: ({ result, index }) => setsOf(result).dependencies[0]?.includes(index) ?? false,
    }),
    isNeeded: t.boolean({
      description:
        'The root needs it, directly or not. What is not needed was used to build, or just is there.',
      resolve: ({ result, index }) => (result.parents[index] ?? -1) >= 0,
    }),
    isDescribed: t.boolean({
      description: 'Whether the switch tells its dependencies; else it has none here.',
      resolve: ({ result, index }) => result.isDescribed[index] ?? false,
    }),
    dependencyCount: t.int({
      description: 'How many packages it needs, directly or not; never itself.',
      resolve: ({ result, index }) => result.dependencyCounts[index] ?? 0,
    }),
    dependantCount: t.int({
      description: 'How many packages need it, directly or not.',
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
      'Why it is there: from the root to it, both included, one of the shortest ways. Empty for what is not needed.',
      (sets, index) => sets.findPath(index) ?? [],
    ),
    onlyBrings: list('What the root would not need without it.', (sets, index) =>
      sets.findOnlyBrought(index),
    ),
    dependencies: list('What it needs itself.', (sets, index) => sets.dependencies[index] ?? []),
    allDependencies: list('What it needs, directly or not; never itself.', (sets, index) =>
      sets.findAllDependencies(index),
    ),
    dependants: list('Who needs it itself.', (sets, index) => sets.dependants[index] ?? []),
  }
})
