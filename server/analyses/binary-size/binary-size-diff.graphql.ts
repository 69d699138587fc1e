import type { BuildDiff as ComparedBuilds } from '../../diffs/diff-builds.ts'
import { BuildDiff } from '../../diffs/diff.graphql.ts'
import { builder } from '../../graphql/builder.ts'
import { maxPageSize } from '../../graphql/connection.ts'
import { BinarySize, checkFirst, loadBinarySize, SizeNodeKind } from './binary-size.graphql.ts'
import type { SizeChange, SizeTreeDiff as TreeDiff } from './diff-binary-sizes.ts'
import { analysedBuildOf, loadBinarySizeDiff, type LoadedSizeDiff } from './load-binary-size-diff.ts'

const SizeTreeDiff = builder.objectRef<TreeDiff>('SizeTreeDiff').implement({
  description:
    'The trees of two binaries as one, in columns, as in SizeTree. Functions of a module are matched without the ' +
    'number that the compiler gives them (`map` for `map_123`), and those of the same name are one.',
  fields: (t) => ({
    names: t.exposeStringList('names', { description: 'What each node is called.', complexity: 100 }),
    kinds: t.expose('kinds', { type: [SizeNodeKind], description: 'Kind of each node.', complexity: 100 }),
    parents: t.field({
      type: ['Int'],
      nullable: { list: false, items: true },
      description: 'Number of the parent of each node; null for the root.',
      complexity: 100,
      resolve: ({ parents }) => parents.map((parent) => (parent < 0 ? null : parent)),
    }),
    leftSizesBytes: t.expose('leftSizes', {
      type: ['ByteSize'],
      description:
        'Bytes of each node in the left binary, including its descendants; 0 if the left binary lacks the node.',
      complexity: 100,
    }),
    rightSizesBytes: t.expose('rightSizes', {
      type: ['ByteSize'],
      description:
        'Bytes of each node in the right binary, including its descendants; 0 if the right binary lacks the node.',
      complexity: 100,
    }),
  }),
})

const BinarySizeChange = builder.objectRef<SizeChange>('BinarySizeChange').implement({
  description: 'A package, module or source file whose size differs between the two binaries.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, as in BinarySizeEntry.' }),
    kind: t.expose('kind', { type: SizeNodeKind, description: 'What it is: PACKAGE, RUNTIME or MODULE.' }),
    packageName: t.exposeString('packageName', {
      nullable: true,
      description: 'Package of the module. Null for packages, and if the package is unknown.',
    }),
    leftBytes: t.expose('leftBytes', {
      type: 'ByteSize',
      description: 'Bytes in the left binary; 0 if the entry is only in the right binary.',
    }),
    rightBytes: t.expose('rightBytes', {
      type: 'ByteSize',
      description: 'Bytes in the right binary; 0 if the entry is only in the left binary.',
    }),
    sizeDeltaBytes: t.field({
      type: 'ByteDelta',
      description: 'Bytes in the right binary minus bytes in the left binary.',
      resolve: ({ leftBytes, rightBytes }) => rightBytes - leftBytes,
    }),
  }),
})

type SizesOf = { builds: Pick<ComparedBuilds, 'left' | 'right'>; loaded: LoadedSizeDiff }

const BinarySizeDiff = builder.objectRef<SizesOf>('BinarySizeDiff').implement({
  description:
    'Size changes between the analysed binaries of two builds. If the sizes cannot be compared, or not yet, `reason` says why, and the lists are empty and the other fields null, except for `left` and `right`.',
  fields: (t) => ({
    reason: t.string({
      nullable: true,
      description:
        'Why the sizes are not compared, such as `the binary of the right build is not analysed yet`. Null if they are compared.',
      resolve: ({ loaded }) => loaded.reason,
    }),
    summary: t.string({
      nullable: true,
      description: 'In short: `+13.9 KiB: +12.0 KiB in dns, +1.9 KiB in debug information and symbols`.',
      resolve: ({ loaded }) => loaded.diff?.summary ?? null,
    }),
    sizeDeltaBytes: t.field({
      type: 'ByteDelta',
      nullable: true,
      description:
        'Size of the right analysed file minus size of the left one, in bytes. Null if `reason` is not null.',
      resolve: ({ loaded: { diff } }) => diff && diff.right.fileSizeBytes - diff.left.fileSizeBytes,
    }),
    left: t.field({
      type: BinarySize,
      nullable: true,
      description: 'The left binary. Null if it is not analysed.',
      resolve: ({ builds }, _args, context) => loadBinarySize(context, analysedBuildOf(builds.left)),
    }),
    right: t.field({
      type: BinarySize,
      nullable: true,
      description: 'The right binary. Null if it is not analysed.',
      resolve: ({ builds }, _args, context) => loadBinarySize(context, analysedBuildOf(builds.right)),
    }),
    tree: t.field({
      type: SizeTreeDiff,
      nullable: true,
      description: 'All of both files.',
      complexity: 100,
      resolve: ({ loaded }) => loaded.diff?.tree ?? null,
    }),
    packages: t.field({
      type: [BinarySizeChange],
      description: 'Packages, including the OCaml runtime, whose size changed, the largest change first.',
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return: 10 unless given, at most ${maxPageSize}.`,
        }),
      },
      resolve: ({ loaded }, { first }) => (loaded.diff?.packages ?? []).slice(0, checkFirst(first ?? 10)),
    }),
    modules: t.field({
      type: [BinarySizeChange],
      description: 'Modules and C source files whose size changed, the largest change first.',
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return: 10 unless given, at most ${maxPageSize}.`,
        }),
      },
      resolve: ({ loaded }, { first }) => (loaded.diff?.modules ?? []).slice(0, checkFirst(first ?? 10)),
    }),
  }),
})

builder.objectField(BuildDiff, 'binarySize', (t) =>
  t.field({
    type: BinarySizeDiff,
    description: 'What in the binaries grew and shrank.',
    complexity: 100,
    resolve: async (builds, _args, context) => ({
      builds,
      loaded: await loadBinarySizeDiff(context, builds.left, builds.right),
    }),
  }),
)
