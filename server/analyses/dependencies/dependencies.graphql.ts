import { Build } from '../../builds/build.graphql.ts'
import { builder } from '../../graphql/builder.ts'
import { pageCost } from '../../graphql/connection.ts'
import { analysedColumns } from '../kind.ts'
import { loadResult } from '../load-analyses.ts'
import type { DependenciesResult } from './analyse-dependencies.ts'
import { Dependency, DependencyConnection, dependencyPage } from './dependency.graphql.ts'

/** The columns of a picture: each is read at once, however many packages there are. */
const columnCost = 20

const DependencyGraph = builder.objectRef<DependenciesResult>('DependencyGraph').implement({
  description:
    'All packages and who needs whom, in columns, for programs that draw or count. Packages are numbered from 0, ' +
    'the root; the others are in order of their names. `names` to `dependantCounts` have one item for each; `from` ' +
    'and `to` one for each dependency.',
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
    parents: t.intList({
      description:
        'The next package on a shortest way to the root; -1 for the root, and for what it does not need.',
      complexity: columnCost,
      resolve: ({ parents }) => parents,
    }),
    dominators: t.intList({
      description:
        'The nearest package without which the root would not need this one; -1 as in `parents`. All below a ' +
        'package in this tree is what only that brings in.',
      complexity: columnCost,
      resolve: ({ dominators }) => dominators,
    }),
    dependencyCounts: t.intList({
      description: 'How many packages each needs, directly or not.',
      complexity: columnCost,
      resolve: ({ dependencyCounts }) => dependencyCounts,
    }),
    dependantCounts: t.intList({
      description: 'How many packages need each, directly or not.',
      complexity: columnCost,
      resolve: ({ dependantCounts }) => dependantCounts,
    }),
    from: t.intList({
      description: 'The package that needs another.',
      complexity: columnCost,
      resolve: ({ edges }) => edges.from,
    }),
    to: t.intList({
      description: 'The package that it needs.',
      complexity: columnCost,
      resolve: ({ edges }) => edges.to,
    }),
  }),
})

const Dependencies = builder.objectRef<DependenciesResult>('Dependencies').implement({
  description: 'Which package depends on which in the switch that a build was made in.',
  fields: (t) => ({
    root: t.field({
      type: Dependency,
      description: 'The package that was built.',
      resolve: (result) => ({ result, index: 0 }),
    }),
    neededCount: t.int({
      description: 'How many packages the root needs, directly or not.',
      resolve: ({ dependencyCounts }) => dependencyCounts[0] ?? 0,
    }),
    directCount: t.int({
      description: 'How many of them it names itself.',
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
            description: 'Only those that the root names itself (true), or does not.',
          }),
          isNeeded: t.arg.boolean({ description: 'Only those that the root needs (true), or does not.' }),
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
      description: 'All of it, in columns.',
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
    resolve: (build, _args, context) => loadResult<DependenciesResult>(context, 'DEPENDENCIES', build),
  }),
)
