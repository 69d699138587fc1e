import { Build } from '../../builds/build.graphql.ts'
import { badInput } from '../../graphql/bad-input.ts'
import { builder, type Context } from '../../graphql/builder.ts'
import { maxPageSize } from '../../graphql/connection.ts'
import { analysedColumns, type AnalysedBuild } from '../kind.ts'
import { loadResult, loadSummary } from '../load-analyses.ts'
import type { BinarySize as Result, BinarySizeFacts } from './analyse-binary-size.ts'
import { moduleSizes, packageSizes, type SizeEntry } from './largest.ts'
import type { SizeNodeKind as Kind, SizeTree as Tree } from './size-tree.ts'

export const SizeNodeKind = builder.enumType('SizeNodeKind', {
  description: 'What a node of a tree of sizes stands for.',
  values: {
    FILE: { description: 'The whole file: the root.' },
    PACKAGE: { description: 'A package or library, told by where its sources were when they were compiled.' },
    MODULE: { description: 'An OCaml module, or a file of C or assembler.' },
    CODE: { description: 'The machine code of a module.' },
    DATA: {
      description: 'The data of a module: constants, or its table of frames for the garbage collector.',
    },
    FUNCTION: { description: 'A function.' },
    OBJECT: { description: 'A variable, or a table of constants, of C.' },
    RUNTIME: { description: "OCaml's runtime." },
    SECTION: { description: 'A section of the file, as far as no symbol covers it.' },
    OTHER: { description: 'A group without a better name: C code, debug information, headers, padding.' },
  } satisfies Record<Kind, { description: string }>,
})

const SizeTree = builder.objectRef<Tree>('SizeTree').implement({
  description:
    'A tree as columns: item `i` of each list is of node `i`. Node 0 is the root; the others follow their parent, ' +
    'each with all that is below it, the larger ones first (pre-order). At most 20,000 nodes.',
  fields: (t) => ({
    names: t.exposeStringList('names', {
      description: 'What each node is called: `map_123` within `code` within `List` within `Stdlib`.',
      complexity: 100,
    }),
    kinds: t.expose('kinds', { type: [SizeNodeKind], description: 'What each stands for.', complexity: 100 }),
    parents: t.exposeIntList('parents', {
      description: 'The number of the node that each is in; -1 for the root.',
      complexity: 100,
    }),
    sizes: t.expose('sizes', {
      type: ['ByteSize'],
      description:
        'Bytes of each, with what is below it. Children have no more than their parent; what they lack is its own.',
      complexity: 100,
    }),
  }),
})

export const BinarySizeEntry = builder.objectRef<SizeEntry>('BinarySizeEntry').implement({
  description: 'A package, or a module or source file, of a binary, with its bytes of the file.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Its name: of a module with those that it is in (`Stdlib.List`), of a file with its path in the package.',
    }),
    kind: t.expose('kind', { type: SizeNodeKind, description: 'What it is: PACKAGE, RUNTIME or MODULE.' }),
    packageName: t.exposeString('packageName', {
      nullable: true,
      description: 'The package that a module is of; null for packages, and where it is not known.',
    }),
    sizeBytes: t.expose('sizeBytes', {
      type: 'ByteSize',
      description: 'All that it has. Of a module without the modules in it, which are entries of their own.',
    }),
    codeBytes: t.expose('codeBytes', { type: 'ByteSize', description: 'Machine code among that.' }),
    dataBytes: t.expose('dataBytes', { type: 'ByteSize', description: 'Data among that.' }),
  }),
})

/** The build whose file it is; facts come with the row, the tree from the blob store. */
export type OfBuild = { facts: BinarySizeFacts; build: AnalysedBuild }

export const loadTree = async (context: Context, { build }: OfBuild): Promise<Tree | null> =>
  (await loadResult<Result>(context, 'BINARY_SIZE', build))?.tree ?? null

/** How many entries are asked for. Throws a GraphQLError for more than there may be. */
export function checkFirst(first: number): number {
  if (first < 0 || first > maxPageSize)
    throw badInput(`first must be between 0 and ${maxPageSize}, not ${first}`)
  return first
}

export const BinarySize = builder.objectRef<OfBuild>('BinarySize').implement({
  description:
    'Where the bytes of a binary come from: of the artifact whose path ends in `.debug`, else of the main binary. ' +
    'Each byte of the file counts once. Symbols explain some; the others are `unexplainedBytes`: ' +
    '`debugBytes`, `loadedWithoutSymbolBytes` and `otherBytes`.',
  fields: (t) => ({
    fileSizeBytes: t.field({
      type: 'ByteSize',
      description: 'Length of the file.',
      resolve: ({ facts }) => facts.fileSizeBytes,
    }),
    explainedBytes: t.field({
      type: 'ByteSize',
      description: 'Of packages, modules, the runtime and C code, by the symbols of the file.',
      resolve: ({ facts }) => facts.explainedBytes,
    }),
    unexplainedBytes: t.field({
      type: 'ByteSize',
      description: 'All others.',
      resolve: ({ facts }) => facts.fileSizeBytes - facts.explainedBytes,
    }),
    debugBytes: t.field({
      type: 'ByteSize',
      description: 'Debug information and symbols, which are not in memory when the program runs.',
      resolve: ({ facts }) => facts.debugBytes,
    }),
    loadedWithoutSymbolBytes: t.field({
      type: 'ByteSize',
      description: 'In memory when the program runs, but covered by no symbol.',
      resolve: ({ facts }) => facts.loadedWithoutSymbolBytes,
    }),
    otherBytes: t.field({
      type: 'ByteSize',
      description: 'Headers, padding, and what was appended; all of a file that is no ELF file.',
      resolve: ({ facts }) => facts.otherBytes,
    }),
    zeroFilledBytes: t.field({
      type: 'ByteSize',
      description: 'Not in the file: memory that is zero when the program starts (`.bss`).',
      resolve: ({ facts }) => facts.zeroFilledBytes,
    }),
    foldedBytes: t.field({
      type: 'ByteSize',
      description:
        'Among the explained: entries that were too small for the tree. They count to what they were in.',
      resolve: ({ facts }) => facts.foldedBytes,
    }),
    foldedCount: t.int({
      description: 'How many entries those are.',
      resolve: ({ facts }) => facts.foldedCount,
    }),
    foldedBelowBytes: t.field({
      type: 'ByteSize',
      description: 'The size from which on entries are in the tree; 1: all are.',
      resolve: ({ facts }) => facts.foldedBelowBytes,
    }),
    hasSymbols: t.boolean({
      description: 'Whether the file has symbols; without them nothing but sections can be told.',
      resolve: ({ facts }) => facts.hasSymbols,
    }),
    reason: t.string({
      nullable: true,
      description:
        'Why there is nothing to tell, or less than could be, such as `it is no ELF file but a Debian package`; null when all is well.',
      resolve: ({ facts }) => facts.reason,
    }),
    tree: t.field({
      type: SizeTree,
      nullable: true,
      description: 'All of the file; null only while a result that went missing is made again.',
      complexity: 100,
      resolve: (it, _args, context) => loadTree(context, it),
    }),
    packages: t.field({
      type: [BinarySizeEntry],
      description: "Packages, OCaml's runtime among them, the largest first.",
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return; at most ${maxPageSize}.`,
        }),
      },
      resolve: async (it, { first }, context) => {
        const count = checkFirst(first ?? 10)
        const tree = await loadTree(context, it)
        return tree ? packageSizes(tree).slice(0, count) : []
      },
    }),
    modules: t.field({
      type: [BinarySizeEntry],
      description: 'Modules, and files of C, the largest first.',
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return; at most ${maxPageSize}.`,
        }),
      },
      resolve: async (it, { first }, context) => {
        const count = checkFirst(first ?? 10)
        const tree = await loadTree(context, it)
        return tree ? moduleSizes(tree).slice(0, count) : []
      },
    }),
  }),
})

builder.prismaObjectField(Build, 'binarySize', (t) =>
  t.field({
    type: BinarySize,
    nullable: true,
    description:
      'Origin of the bytes in the binary. Null if the build has no main binary, and until the first analysis (see `analyses`).',
    select: analysedColumns,
    resolve: (build, _args, context) => loadBinarySize(context, build),
  }),
)

/** What is known of a build's binary; null without one, and until it is analysed. */
export async function loadBinarySize(context: Context, build: AnalysedBuild): Promise<OfBuild | null> {
  const facts = await loadSummary<BinarySizeFacts>(context, 'BINARY_SIZE', build)
  return facts && { facts, build }
}
