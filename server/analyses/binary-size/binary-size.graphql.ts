import { Build } from '../../builds/build.graphql.ts'
import { badInput } from '../../graphql/bad-input.ts'
import { builder, type Context } from '../../graphql/builder.ts'
import { maxPageSize } from '../../graphql/connection.ts'
import { analysedColumns, type AnalysedBuild } from '../kind.ts'
import { loadResult, loadSummary } from '../load-analyses.ts'
import { binarySize, binarySizeFacts } from '../stored-results.ts'
import type { BinarySizeFacts } from './analyse-binary-size.ts'
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
    'A tree in columns: item `i` of each list describes node `i`. Node 0 is the root. The nodes are in pre-order, larger siblings first. At most 20,000 nodes.',
  fields: (t) => ({
    names: t.exposeStringList('names', {
      description: 'What each node is called: `map_123` within `code` within `List` within `Stdlib`.',
      complexity: 100,
    }),
    kinds: t.expose('kinds', { type: [SizeNodeKind], description: 'Kind of each node.', complexity: 100 }),
    parents: t.field({
      type: ['Int'],
      nullable: { list: false, items: true },
      description: 'Number of the parent of each node; null for the root.',
      complexity: 100,
      resolve: ({ parents }) => parents.map((parent) => (parent < 0 ? null : parent)),
    }),
    sizesBytes: t.expose('sizes', {
      type: ['ByteSize'],
      description:
        "Bytes of each node, including its descendants. A node's own bytes are its size minus the sizes of its children.",
      complexity: 100,
    }),
  }),
})

export const BinarySizeEntry = builder.objectRef<SizeEntry>('BinarySizeEntry').implement({
  description: 'A package, or a module or source file, of a binary, with its bytes of the file.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Name of the entry. A module has its full path (`Stdlib.List`); a source file has its path in the package.',
    }),
    kind: t.expose('kind', { type: SizeNodeKind, description: 'What it is: PACKAGE, RUNTIME or MODULE.' }),
    packageName: t.exposeString('packageName', {
      nullable: true,
      description: 'Package of the module. Null for packages, and if the package is unknown.',
    }),
    sizeBytes: t.expose('sizeBytes', {
      type: 'ByteSize',
      description:
        'Total bytes of the entry. The size of a module excludes its submodules, which are separate entries.',
    }),
    codeBytes: t.expose('codeBytes', {
      type: 'ByteSize',
      description: 'Bytes of machine code in `sizeBytes`.',
    }),
    dataBytes: t.expose('dataBytes', { type: 'ByteSize', description: 'Bytes of data in `sizeBytes`.' }),
  }),
})

/** The build whose file it is; facts come with the row, the tree from the blob store. */
type OfBuild = { facts: BinarySizeFacts; build: AnalysedBuild }

const loadTree = async (context: Context, { build }: OfBuild): Promise<Tree | null> =>
  (await loadResult(context, 'BINARY_SIZE', binarySize, build))?.tree ?? null

/** How many entries are asked for. Throws a GraphQLError for more than there may be. */
export function checkFirst(first: number): number {
  if (first < 0 || first > maxPageSize)
    throw badInput(`first must be between 0 and ${maxPageSize}, not ${first}`)
  return first
}

export const BinarySize = builder.objectRef<OfBuild>('BinarySize').implement({
  description:
    'Origin of the bytes of the main binary. Symbols and debug information come from the artifact whose path ends in `.debug`, if there is one. If that artifact is a full copy of the binary, the copy is analysed; if it belongs to another binary, it is not used and `reason` says why. Each byte of the file counts once: as explained by a symbol (`explainedBytes`), or as `unexplainedBytes`, the sum of `debugBytes`, `loadedWithoutSymbolBytes` and `otherBytes`.',
  fields: (t) => ({
    fileSizeBytes: t.field({
      type: 'ByteSize',
      description: 'Length of the file.',
      resolve: ({ facts }) => facts.fileSizeBytes,
    }),
    explainedBytes: t.field({
      type: 'ByteSize',
      description:
        'Bytes that the symbols of the file attribute to packages, modules, the OCaml runtime and C code.',
      resolve: ({ facts }) => facts.explainedBytes,
    }),
    unexplainedBytes: t.field({
      type: 'ByteSize',
      description: 'Bytes of the file that no symbol explains.',
      resolve: ({ facts }) => facts.fileSizeBytes - facts.explainedBytes,
    }),
    debugBytes: t.field({
      type: 'ByteSize',
      description: 'Debug information and symbols, which are not in memory when the program runs.',
      resolve: ({ facts }) => facts.debugBytes,
    }),
    loadedWithoutSymbolBytes: t.field({
      type: 'ByteSize',
      description: 'Bytes that are loaded into memory but that no symbol covers.',
      resolve: ({ facts }) => facts.loadedWithoutSymbolBytes,
    }),
    otherBytes: t.field({
      type: 'ByteSize',
      description: 'Bytes of headers, padding and appended data; the whole file if it is not an ELF file.',
      resolve: ({ facts }) => facts.otherBytes,
    }),
    zeroFilledBytes: t.field({
      type: 'ByteSize',
      description:
        'Size of memory that is zero when the program starts (`.bss`). These bytes are not in the file.',
      resolve: ({ facts }) => facts.zeroFilledBytes,
    }),
    foldedBytes: t.field({
      type: 'ByteSize',
      description:
        'Explained bytes of the entries that are too small for the tree. They count towards the entry that contains them.',
      resolve: ({ facts }) => facts.foldedBytes,
    }),
    foldedCount: t.int({
      description: 'Number of entries that are too small for the tree.',
      resolve: ({ facts }) => facts.foldedCount,
    }),
    foldedBelowBytes: t.field({
      type: 'ByteSize',
      nullable: true,
      description: 'Minimum size of an entry in the tree. Null if the tree holds all entries.',
      resolve: ({ facts }) => (facts.foldedCount === 0 ? null : facts.foldedBelowBytes),
    }),
    hasSymbols: t.boolean({
      description: 'Whether the file has symbols. Without symbols only sections are known.',
      resolve: ({ facts }) => facts.hasSymbols,
    }),
    reason: t.string({
      nullable: true,
      description:
        'Reason why the result is empty or incomplete, such as `it is no ELF file but a Debian package`. Null if the result is complete.',
      resolve: ({ facts }) => facts.reason,
    }),
    tree: t.field({
      type: SizeTree,
      nullable: true,
      description: 'The whole file as a tree. Null only while a lost result is being computed again.',
      complexity: 100,
      resolve: (it, _args, context) => loadTree(context, it),
    }),
    packages: t.field({
      type: [BinarySizeEntry],
      description: 'Packages, including the OCaml runtime, the largest first.',
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return: 10 unless given, at most ${maxPageSize}.`,
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
      description: 'Modules and C source files, the largest first.',
      complexity: ({ first }) => ({ field: 50, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({
          defaultValue: 10,
          description: `Maximum number of entries to return: 10 unless given, at most ${maxPageSize}.`,
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
  const facts = await loadSummary(context, 'BINARY_SIZE', binarySizeFacts, build)
  return facts && { facts, build }
}
