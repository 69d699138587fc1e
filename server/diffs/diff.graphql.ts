import { queryFromInfo } from '@pothos/plugin-prisma'
import { toBlobId } from '../blobs/blob-store.ts'
import { findFirstDifference } from '../blobs/first-difference.ts'
import { Build } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import type { ChangedFile, ComparedFile, FilesDiff } from './diff-artifacts.ts'
import { diffArtifacts, diffInputsOf, findComparedBuild, type ComparedBuild } from './diff-builds.ts'
import { EnvironmentDiff, MissingInput, OpamDiff, SystemPackagesDiff, TextDiff } from './diff-parts.graphql.ts'
import type { InputsDiff } from './inputs-diff.ts'
import { countChanges, summarizeChanges, type ChangeCounts } from './summarize.ts'

/** Files of a part that an answer holds at most; counts are of all of them. */
const maxFiles = 500

const ComparedArtifact = builder.objectRef<ComparedFile>('ComparedArtifact').implement({
  description: 'A file of one of two builds that are compared.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of its content.' }),
    size: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of its content.' }),
  }),
})

const ArtifactChange = builder.objectRef<ChangedFile>('ArtifactChange').implement({
  description: 'An artifact that both builds have, with other content.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path.' }),
    left: t.field({ type: ComparedArtifact, description: 'As the left build made it.', resolve: ({ left }) => left }),
    right: t.field({ type: ComparedArtifact, description: 'As the right build made it.', resolve: ({ right }) => right }),
    sizeDelta: t.float({
      description: 'How many bytes the right one is longer; negative when it is shorter.',
      resolve: ({ left, right }) => right.sizeBytes - left.sizeBytes,
    }),
  }),
})

const ArtifactsDiff = builder.objectRef<FilesDiff>('ArtifactsDiff').implement({
  description: `How the files differ that two builds made; each part by path, at most ${maxFiles} of it.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [ComparedArtifact],
      description: 'Only the left build made these.',
      resolve: ({ onlyLeft }) => onlyLeft.slice(0, maxFiles),
    }),
    onlyRight: t.field({
      type: [ComparedArtifact],
      description: 'Only the right build made these.',
      resolve: ({ onlyRight }) => onlyRight.slice(0, maxFiles),
    }),
    changed: t.field({
      type: [ArtifactChange],
      description: 'Both made these, with other content.',
      resolve: ({ changed }) => changed.slice(0, maxFiles),
    }),
    onlyLeftCount: t.int({ description: 'How many only the left build made.', resolve: ({ onlyLeft }) => onlyLeft.length }),
    onlyRightCount: t.int({ description: 'How many only the right build made.', resolve: ({ onlyRight }) => onlyRight.length }),
    changedCount: t.int({ description: 'How many have other content.', resolve: ({ changed }) => changed.length }),
    equalCount: t.exposeInt('equalCount', { description: 'How many are equal.' }),
  }),
})

/** Two main binaries, each null when its build has none. */
type MainBinaries = { left: ComparedFile | null; right: ComparedFile | null }

const MainBinaryDiff = builder.objectRef<MainBinaries>('MainBinaryDiff').implement({
  description: 'How the main binaries of two builds differ.',
  fields: (t) => ({
    left: t.field({ type: ComparedArtifact, nullable: true, description: 'That of the left build.', resolve: ({ left }) => left }),
    right: t.field({ type: ComparedArtifact, nullable: true, description: 'That of the right build.', resolve: ({ right }) => right }),
    isEqual: t.boolean({
      nullable: true,
      description: 'Whether their content is equal; null when a build has none.',
      resolve: ({ left, right }) => left && right && left.sha256 === right.sha256,
    }),
    sizeDelta: t.float({
      nullable: true,
      description: 'How many bytes the right one is longer; null when a build has none.',
      resolve: ({ left, right }) => left && right && right.sizeBytes - left.sizeBytes,
    }),
    firstDifferingOffset: t.field({
      type: 'ByteSize',
      nullable: true,
      description: 'Offset of the first byte that differs; null when they are equal, or a build has none.',
      complexity: 100,
      resolve: ({ left, right }, _args, { blobs }) =>
        left && right && findFirstDifference(blobs, toBlobId(left.sha256), toBlobId(right.sha256)),
    }),
  }),
})

const ChangeCountsType = builder.objectRef<ChangeCounts>('ChangeCounts').implement({
  description: 'How much changed, in numbers; 0 also for what could not be compared.',
  fields: (t) => ({
    opamPackages: t.exposeInt('opamPackages', { description: 'Opam packages added, removed, or at another version.' }),
    opamFiles: t.exposeInt('opamFiles', { description: 'Opam packages at the same version whose opam file changed effectively.' }),
    duniverse: t.exposeInt('duniverse', { description: 'Duniverse folders added, removed, or with other content.' }),
    environment: t.exposeInt('environment', { description: 'Environment variables added, removed, or with another value.' }),
    systemPackages: t.exposeInt('systemPackages', { description: 'System packages added, removed, or at another version.' }),
    scriptLines: t.exposeInt('scriptLines', { description: 'Lines of the build script added or removed.' }),
    artifacts: t.exposeInt('artifacts', { description: 'Artifacts added, removed, or with other content.' }),
  }),
})

type Summary = { text: string; counts: ChangeCounts }

const DiffSummary = builder.objectRef<Summary>('DiffSummary').implement({
  description: 'A comparison in short.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description: 'What changed, in words: `only the build environment changed`. One sentence without a full stop.',
    }),
    counts: t.field({ type: ChangeCountsType, description: 'What changed, in numbers.', resolve: ({ counts }) => counts }),
  }),
})

type Diff = { left: ComparedBuild; right: ComparedBuild; inputs: InputsDiff; files: FilesDiff; mainBinaries: MainBinaries }

const BuildDiff = builder.objectRef<Diff>('BuildDiff').implement({
  description:
    'What changed from one build to another: inputs, script, files. A part that could not be compared is null, and ' +
    '`missing` tells why.',
  fields: (t) => ({
    left: t.field({
      type: Build,
      description: 'The first build.',
      resolve: ({ left }, _args, context, info) =>
        context.db.build.findUniqueOrThrow({
          ...queryFromInfo({ context, info, typeName: 'Build' }),
          where: { id: left.id },
        }),
    }),
    right: t.field({
      type: Build,
      description: 'The second build.',
      resolve: ({ right }, _args, context, info) =>
        context.db.build.findUniqueOrThrow({
          ...queryFromInfo({ context, info, typeName: 'Build' }),
          where: { id: right.id },
        }),
    }),
    summary: t.field({ type: DiffSummary, description: 'The comparison in short.', resolve: summaryOf }),
    missing: t.field({ type: [MissingInput], description: 'What could not be compared.', resolve: ({ inputs }) => inputs.missing }),
    opam: t.field({ type: OpamDiff, nullable: true, description: 'The opam switches.', resolve: ({ inputs }) => inputs.opam }),
    environment: t.field({ type: EnvironmentDiff, nullable: true, description: 'The build environments.', resolve: ({ inputs }) => inputs.environment }),
    systemPackages: t.field({
      type: SystemPackagesDiff,
      nullable: true,
      description: "The operating system's packages.",
      resolve: ({ inputs }) => inputs.systemPackages,
    }),
    script: t.field({ type: TextDiff, nullable: true, description: 'The build scripts.', resolve: ({ inputs }) => inputs.script }),
    artifacts: t.field({ type: ArtifactsDiff, description: 'The files that they made.', resolve: ({ files }) => files }),
    mainBinary: t.field({ type: MainBinaryDiff, description: 'The main binaries.', resolve: ({ mainBinaries }) => mainBinaries }),
    durationDeltaMs: t.float({
      description: 'How many milliseconds longer the right build took; negative when it was faster.',
      resolve: ({ left, right }) => right.durationMs - left.durationMs,
    }),
  }),
})

function summaryOf({ left, right, inputs, files, mainBinaries }: Diff): Summary {
  const counts = countChanges(inputs, files)
  const isSameOutput =
    mainBinaries.left && mainBinaries.right ? mainBinaries.left.sha256 === mainBinaries.right.sha256 : null
  const text = summarizeChanges(counts, {
    isSamePlatform: left.platformId === right.platformId,
    isSameOutput,
    missingCount: inputs.missing.length,
  })
  return { text, counts }
}

builder.queryField('diff', (t) =>
  t.field({
    type: BuildDiff,
    nullable: true,
    description: 'What changed from the left build to the right one; null when there is no such build.',
    complexity: 200,
    args: {
      left: t.arg({ type: 'UUID', required: true, description: 'The first build.' }),
      right: t.arg({ type: 'UUID', required: true, description: 'The second build.' }),
    },
    resolve: async (_root, args, context) => {
      const [left, right] = await Promise.all([findComparedBuild(context, args.left), findComparedBuild(context, args.right)])
      if (!left || !right) return null
      const mainOf = ({ artifacts, mainBinaryPath }: ComparedBuild) =>
        artifacts.find(({ path }) => path === mainBinaryPath) ?? null
      return {
        left,
        right,
        inputs: await diffInputsOf(context, left, right),
        files: diffArtifacts(left, right),
        mainBinaries: { left: mainOf(left), right: mainOf(right) },
      }
    },
  }),
)
