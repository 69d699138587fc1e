import type { BuildDiff as ComparedBuilds } from '../diffs/diff-builds.ts'
import { BuildDiff } from '../diffs/diff.graphql.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { TextDiff } from '../diffs/text-diff.graphql.ts'
import type { ChangedValue } from '../formats/named-values.ts'
import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { builder } from '../graphql/builder.ts'
import { causeWords, describeCause, pathOf, summarizeDeepDiff } from './cause-words.ts'
import type { Cause, Evidence as FoundEvidence } from './causes.ts'
import type { DeepDiff as Deep, ListedDifference } from './deep-diff.ts'
import type { Place as FoundPlace } from './difference.ts'
import { loadDeepDiff, type LoadedDeepDiff } from './load-deep-diff.ts'

const DifferenceKind = builder.enumType('DifferenceKind', {
  description:
    'What differs: an archive or compressed file by its format, a program (`ELF`), its `SECTION` or `SYMBOL`, a `TEXT`, other `BYTES`, or `METADATA` alone.',
  values: {
    AR: { description: 'An ar archive: a package of Debian, or a static library.' },
    TAR: { description: 'A tar archive.' },
    ZIP: { description: 'A ZIP archive.' },
    GZIP: { description: 'A content compressed with gzip.' },
    XZ: { description: 'A content compressed with xz.' },
    ZSTD: { description: 'A content compressed with zstd.' },
    ELF: { description: 'A program or library.' },
    SECTION: { description: 'A section of a program.' },
    SYMBOL: { description: 'A function or data object of a program.' },
    TEXT: { description: 'A text.' },
    BYTES: { description: 'Bytes of no known format.' },
    METADATA: { description: 'Metadata of a member whose content is equal, or of several.' },
  },
})

const DifferencePresence = builder.enumType('DifferencePresence', {
  description: 'Which side has something.',
  values: {
    BOTH: { description: 'Both sides.' },
    ONLY_LEFT: { description: 'Only the left side.' },
    ONLY_RIGHT: { description: 'Only the right side.' },
  },
})

const CauseKind = builder.enumType('DifferenceCauseKind', {
  description: 'Why two builds of the same input have different outputs.',
  values: {
    TIMESTAMP: { description: 'A date or time is in the file.' },
    BUILD_PATH: { description: 'The path of the build is in the file.' },
    LOCALE: { description: 'The language of the system decided an order or words.' },
    ORDER: { description: 'The same parts are in another order.' },
    COMPRESSION: { description: 'The same content is compressed otherwise.' },
    COMPILER: { description: 'Another compiler made the file.' },
    USER: { description: 'The user that built is in the file.' },
    HOST_NAME: { description: 'The name of the machine is in the file.' },
    FILE_MODE: { description: 'Files have other permissions.' },
    RANDOMNESS: { description: 'Random bytes, or a hash of something that differs.' },
    BUILD_ID: { description: 'The build id of a program, which is a hash of it.' },
  },
})

const CauseLikelihood = builder.enumType('CauseLikelihood', {
  description: 'How much the evidence of a cause tells.',
  values: {
    LIKELY: { description: 'No other explanation of the evidence is known.' },
    POSSIBLE: { description: 'It may be a coincidence, or follow from another cause.' },
  },
})

type OfDiff<Value> = Value & { diff: Deep }

const Evidence = builder.objectRef<OfDiff<FoundEvidence>>('CauseEvidence').implement({
  description: 'Where a cause shows.',
  fields: (t) => ({
    difference: t.exposeInt('difference', {
      description: 'Number of the difference in `differences`, from 0.',
    }),
    where: t.string({
      description:
        'Names from the outermost container to the difference: `data.tar › ./usr/bin/hello › .rodata`.',
      resolve: ({ diff, difference }) => pathOf(diff.differences, difference),
    }),
    left: t.exposeString('left', { description: 'What the left side has there.' }),
    right: t.exposeString('right', { description: 'What the right side has there.' }),
  }),
})

const DifferenceCause = builder.objectRef<OfDiff<Cause>>('DifferenceCause').implement({
  description: 'A cause of differences, with its evidence.',
  fields: (t) => ({
    kind: t.expose('kind', { type: CauseKind, description: 'Which cause.' }),
    likelihood: t.expose('likelihood', {
      type: CauseLikelihood,
      description: 'How much its evidence tells.',
    }),
    description: t.string({ description: 'The cause as a sentence.', resolve: describeCause }),
    advice: t.string({ description: 'What to do about it.', resolve: ({ kind }) => causeWords[kind].advice }),
    evidenceCount: t.exposeInt('evidenceCount', { description: 'How many pieces of evidence there are.' }),
    evidence: t.field({
      type: [Evidence],
      description: 'The first pieces of evidence, five at most.',
      resolve: ({ diff, evidence }) => evidence.map((each) => ({ ...each, diff })),
    }),
  }),
})

const MetadataChange = builder.objectRef<ChangedValue>('MetadataChange').implement({
  description: 'A value that differs, such as the modification time of a member of an archive.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'On the left.' }),
    right: t.exposeString('right', { description: 'On the right.' }),
  }),
})

const DifferingPlace = builder.objectRef<FoundPlace>('DifferingPlace').implement({
  description:
    'A range of bytes that differs. Offsets count from the start of the content of the difference: of the file, the section, or the member.',
  fields: (t) => ({
    leftOffsetBytes: t.expose('leftOffset', {
      type: 'ByteSize',
      description: 'Where it begins on the left.',
    }),
    leftLengthBytes: t.expose('leftBytes', {
      type: 'ByteSize',
      description: 'How many bytes it has on the left.',
    }),
    leftWindowBytes: t.expose('leftStart', {
      type: 'ByteSize',
      description: 'Offset of the first byte in `left`.',
    }),
    left: t.exposeString('left', { description: 'Bytes around it, 64 at most, as hexadecimal digits.' }),
    leftText: t.exposeString('leftText', {
      nullable: true,
      description: 'The printable characters around it.',
    }),
    rightOffsetBytes: t.expose('rightOffset', {
      type: 'ByteSize',
      description: 'Where it begins on the right.',
    }),
    rightLengthBytes: t.expose('rightBytes', {
      type: 'ByteSize',
      description: 'How many bytes it has on the right.',
    }),
    rightWindowBytes: t.expose('rightStart', {
      type: 'ByteSize',
      description: 'Offset of the first byte in `right`.',
    }),
    right: t.exposeString('right', { description: 'Bytes around it, 64 at most, as hexadecimal digits.' }),
    rightText: t.exposeString('rightText', {
      nullable: true,
      description: 'The printable characters around it.',
    }),
  }),
})

const Difference = builder.objectRef<ListedDifference>('Difference').implement({
  description: 'Something that differs, as a node of the tree of all differences of two files.',
  fields: (t) => ({
    parent: t.int({
      nullable: true,
      description:
        'Number of the difference that it is part of, from 0; null for the first, which is the file.',
      resolve: ({ parent }) => (parent < 0 ? null : parent),
    }),
    name: t.exposeString('name', { description: 'Name of the file, member, section or symbol.' }),
    kind: t.expose('kind', { type: DifferenceKind, description: 'What it is.' }),
    presence: t.expose('presence', { type: DifferencePresence, description: 'Which side has it.' }),
    leftSizeBytes: t.expose('leftBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Its size on the left.',
    }),
    rightSizeBytes: t.expose('rightBytes', {
      type: 'ByteSize',
      nullable: true,
      description: 'Its size on the right.',
    }),
    remark: t.exposeString('remark', {
      nullable: true,
      description:
        'What else there is to say: `the same members in another order`, or what was not compared.',
    }),
    values: t.field({
      type: [MetadataChange],
      description: 'Metadata that differ.',
      resolve: ({ values }) => values,
    }),
    placeCount: t.exposeInt('placeCount', { description: 'How many places of its bytes differ.' }),
    places: t.field({
      type: [DifferingPlace],
      description: 'The first of these places, four at most.',
      resolve: ({ places }) => places,
    }),
    text: t.field({
      type: TextDiff,
      nullable: true,
      description: 'How it differs as text.',
      resolve: ({ text }) => text,
    }),
  }),
})

type Loaded = LoadedDeepDiff & { builds: Pick<ComparedBuilds, 'left' | 'right'> }

const DeepDiff = builder.objectRef<Loaded>('DeepDiff').implement({
  description:
    'Where two files differ, through archives, compressed files and programs, and why. If they are not compared, `reason` says why, and the lists are empty.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Path of the artifact; empty if there is none.' }),
    reason: t.string({
      nullable: true,
      description: 'Why it is not compared, such as `the left build has no main binary`. Null if it is.',
      resolve: ({ reason }) => reason,
    }),
    summary: t.string({
      nullable: true,
      description: 'In short: the likely causes, or that the cause is unknown. Null if `reason` is not null.',
      resolve: ({ diff }) => diff && summarizeDeepDiff(diff),
    }),
    causes: t.field({
      type: [DifferenceCause],
      description:
        'The causes that there is evidence of, the likely ones first. Empty: the cause is unknown.',
      resolve: ({ diff }) => (diff ? diff.causes.map((cause) => ({ ...cause, diff })) : []),
    }),
    differences: t.field({
      type: [Difference],
      description: 'The tree of differences in pre-order: each before its parts. At most 500.',
      resolve: ({ diff }) => diff?.differences ?? [],
    }),
  }),
})

builder.objectField(BuildDiff, 'deep', (t) =>
  t.field({
    type: DeepDiff,
    description:
      'One file of both builds compared in depth: where it differs, and why. It may take seconds the first time.',
    complexity: 200,
    args: {
      path: t.arg.string({ description: 'Path of the artifact. Default: the main binary of each build.' }),
    },
    resolve: async (builds, { path }, context) => {
      const loaded = await waitElsewhere(
        context,
        oneComparison(context)(() => loadDeepDiff(context, builds, path ?? null)),
      )
      return { ...loaded, builds }
    },
  }),
)
