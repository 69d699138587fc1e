import { Build } from '../../builds/build.graphql.ts'
import { builder } from '../../graphql/builder.ts'
import { pageCost } from '../../graphql/connection.ts'
import { analysedColumns } from '../kind.ts'
import { loadResult } from '../load-analyses.ts'
import { dependenciesResult } from '../stored-results.ts'
import type { DependenciesResult } from './analyse-dependencies.ts'
import { Dependency, DependencyConnection, dependencyPage } from './dependency.graphql.ts'

/** The columns of a picture: each is read at once, however many packages there are. */
const columnCost = 20

/** Stored results have -1 where there is no package. */
const orNull = (index: number) => (index < 0 ? null : index)

const DependencyGraph = builder.objectRef<DependenciesResult>('DependencyGraph').implement({
  description:
    'All packages and their dependencies, in columns, for programs that draw or count. Package 0 is the root; the other packages follow in order of their names. `from` and `to` have one item for each dependency. Every other list has one item for each package.',
  fields: (t) => ({
    names: t.stringList({
      description: 'Their names.',
      complexity: columnCost,
      resolve: ({ names }) => names,
    }),
    versions: t.field({
      type: ['String'],
      nullable: { list: false, items: true },
      description: 'Their versions; null where the switch does not tell.',
      complexity: columnCost,
      resolve: ({ versions }) => versions,
    }),
    sourceUrls: t.field({
      type: ['String'],
      nullable: { list: false, items: true },
      description: 'Where the sources of those that are vendored were fetched from.',
      complexity: columnCost,
      resolve: ({ sourceUrls }) => sourceUrls,
    }),
    isDescribed: t.booleanList({
      description: 'Whether the switch tells what they need.',
      complexity: columnCost,
      resolve: ({ isDescribed }) => isDescribed,
    }),
    parents: t.field({
      type: ['Int'],
      nullable: { list: false, items: true },
      description:
        'For each package, the number of the next package on a shortest path to the root. Null for the root, and for packages that the root does not need.',
      complexity: columnCost,
      resolve: ({ parents }) => parents.map(orNull),
    }),
    dominators: t.field({
      type: ['Int'],
      nullable: { list: false, items: true },
      description:
        'For each package, the number of its immediate dominator: the nearest package without which the root would not need it. Null for the root, and for packages that the root does not need. The descendants of a package in this tree are the packages that only it brings in.',
      complexity: columnCost,
      resolve: ({ dominators }) => dominators.map(orNull),
    }),
    dependencyCounts: t.intList({
      description: 'For each package, the number of packages that it needs, directly or indirectly.',
      complexity: columnCost,
      resolve: ({ dependencyCounts }) => dependencyCounts,
    }),
    dependantCounts: t.intList({
      description: 'For each package, the number of packages that need it, directly or indirectly.',
      complexity: columnCost,
      resolve: ({ dependantCounts }) => dependantCounts,
    }),
    from: t.intList({
      description: 'For each dependency, the number of the package that needs the other one.',
      complexity: columnCost,
      resolve: ({ edges }) => edges.from,
    }),
    to: t.intList({
      description: 'For each dependency, the number of the package that is needed.',
      complexity: columnCost,
      resolve: ({ edges }) => edges.to,
    }),
  }),
})

const Dependencies = builder.objectRef<DependenciesResult>('Dependencies').implement({
  description: 'Dependencies between the packages of the opam switch of a build.',
  fields: (t) => ({
    root: t.field({
      type: Dependency,
      description: 'The package that was built.',
      resolve: (result) => ({ result, index: 0 }),
    }),
    neededCount: t.int({
      description: 'Number of packages that the root depends on, directly or indirectly.',
      resolve: ({ dependencyCounts }) => dependencyCounts[0] ?? 0,
    }),
    directCount: t.int({
      description: 'Number of packages that the root depends on directly.',
      resolve: ({ edges }) => edges.from.filter((index) => index === 0).length,
    }),
    package: t.field({
      type: Dependency,
      nullable: true,
      description: 'The package of this name.',
      args: { name: t.arg.string({ required: true, description: 'Its name.' }) },
      resolve: (result, { name }) => {
        const index = result.names.indexOf(name)
        return index < 0 ? null : { result, index }
      },
    }),
    packages: t.connection(
      {
        type: Dependency,
        description: 'All packages but the root, in order of their names.',
        complexity: pageCost,
        args: {
          isDirect: t.arg.boolean({
            description: 'True: only direct dependencies of the root. False: only the other packages.',
          }),
          isNeeded: t.arg.boolean({
            description:
              'True: only packages that the root needs, directly or indirectly. False: only the other packages.',
          }),
        },
        resolve: (result, { isDirect, isNeeded, ...page }) => {
          const direct = new Set(
            result.edges.to.slice(0, result.edges.from.filter((index) => index === 0).length),
          )
          const indices = [...result.names.keys()]
            .slice(1)
            .filter(
              (index) =>
                (isDirect == null || direct.has(index) === isDirect) &&
                (isNeeded == null || (result.parents[index] ?? -1) >= 0 === isNeeded),
            )
          return dependencyPage(result, indices, page)
        },
      },
      DependencyConnection,
    ),
    graph: t.field({
      type: DependencyGraph,
      description: 'All packages and dependencies, in columns.',
      resolve: (result) => result,
    }),
  }),
})

builder.prismaObjectField(Build, 'dependencies', (t) =>
  t.field({
    type: Dependencies,
    nullable: true,
    description:
      'Dependencies in the `opam-switch` of the build. Null until the first analysis, and if `opam-switch` is missing or malformed; `analyses` shows which.',
    complexity: 20,
    select: analysedColumns,
    resolve: (build, _args, context) => loadResult(context, 'DEPENDENCIES', dependenciesResult, build),
  }),
)
