import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Build } from '../builds/build.graphql.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { artifactPath } from '../paths.ts'
import { findComparedBuilds, type ComparedBuild } from './compared-build.ts'
import { diffBuilds, findFirstDifferingOffset, type BuildDiff as Diff } from './diff-builds.ts'
import type { ChangedFile, ComparedFile } from './diff-files.ts'
import { atMost, maxChanges } from './at-most.ts'
import { MissingInput } from './compared-input.graphql.ts'
import { OpamDiff } from './opam-diff.graphql.ts'
import { TextDiff } from './text-diff.graphql.ts'
import { EnvironmentDiff, SystemPackagesDiff } from './values-diff.graphql.ts'
import { outputChange, summarize, type ChangeCounts, type DiffSummary as Summary } from './summarize.ts'

const OutputChange = builder.enumType('OutputChange', {
  description: 'What became of the main binary from the left build to the right one.',
  values: {
    SAME: { description: 'Both have the same.' },
    CHANGED: { description: 'Its content changed.' },
    ONLY_LEFT: { description: 'Only the left build has one.' },
    ONLY_RIGHT: { description: 'Only the right build has one.' },
    NONE: { description: 'Neither build has one.' },
  },
})

const ChangeCountsType = builder.objectRef<ChangeCounts>('ChangeCounts').implement({
  description: 'How much changed, in numbers; 0 also for what could not be compared.',
  fields: (t) => ({
    packagesUpgraded: t.exposeInt('packagesUpgraded', { description: 'Opam packages at a newer version.' }),
    packagesDowngraded: t.exposeInt('packagesDowngraded', {
      description: 'Opam packages at an older version.',
    }),
    packagesRespelled: t.exposeInt('packagesRespelled', {
      description: 'Opam packages whose version is spelled otherwise, like `1.0` and `1.00`.',
    }),
    packagesAdded: t.exposeInt('packagesAdded', { description: 'Opam packages that only the right has.' }),
    packagesRemoved: t.exposeInt('packagesRemoved', { description: 'Opam packages that only the left has.' }),
    packagesChanged: t.exposeInt('packagesChanged', {
      description: 'Opam packages at the same version whose opam file changed effectively.',
    }),
    duniverse: t.exposeInt('duniverse', { description: 'Vendored folders added, removed or changed.' }),
    environment: t.exposeInt('environment', {
      description: 'Environment variables added, removed or changed.',
    }),
    systemPackages: t.exposeInt('systemPackages', {
      description: 'System packages added, removed or at another version.',
    }),
    scriptLines: t.exposeInt('scriptLines', { description: 'Lines of the build script added or removed.' }),
    artifacts: t.exposeInt('artifacts', {
      description: 'Artifacts added, removed or changed; the main binary, too.',
    }),
  }),
})

const DiffSummary = builder.objectRef<Summary>('DiffSummary').implement({
  description: 'A comparison in short.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description:
        'The most important things to know, in some short sentences: ' +
        '`The output changed. Only the build environment changed: 2 environment variables changed.`',
    }),
    output: t.expose('output', { type: OutputChange, description: 'What became of the main binary.' }),
    counts: t.field({
      type: ChangeCountsType,
      description: 'What changed, in numbers.',
      resolve: ({ counts }) => counts,
    }),
  }),
})

type FileOfBuild = ComparedFile & { build: ComparedBuild }

const ComparedArtifact = builder.objectRef<FileOfBuild>('ComparedArtifact').implement({
  description: 'A file of one of two builds that are compared.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of its content.' }),
    size: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of its content.' }),
    url: t.field({
      type: 'URL',
      description: 'Where to download it.',
      resolve: ({ build, path }) => artifactPath(build.job, build.uuid, path),
    }),
  }),
})

type FileChange = Omit<ChangedFile, 'left' | 'right'> & { left: FileOfBuild; right: FileOfBuild }

const ArtifactChange = builder.objectRef<FileChange>('ArtifactChange').implement({
  description: 'An artifact that both builds have, with other content.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path.' }),
    left: t.field({
      type: ComparedArtifact,
      description: 'As the left build made it.',
      resolve: ({ left }) => left,
    }),
    right: t.field({
      type: ComparedArtifact,
      description: 'As the right build made it.',
      resolve: ({ right }) => right,
    }),
    sizeDelta: t.float({
      description: 'How many bytes the right one is longer; negative when it is shorter.',
      resolve: ({ left, right }) => right.sizeBytes - left.sizeBytes,
    }),
  }),
})

const ArtifactsDiff = builder.objectRef<Diff>('ArtifactsDiff').implement({
  description: `How the files differ that two builds made; each list by path, at most ${maxChanges} items.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [ComparedArtifact],
      description: 'Only the left build made these.',
      resolve: ({ files, left }) => filesOf(left, files.onlyLeft),
    }),
    onlyRight: t.field({
      type: [ComparedArtifact],
      description: 'Only the right build made these.',
      resolve: ({ files, right }) => filesOf(right, files.onlyRight),
    }),
    changed: t.field({
      type: [ArtifactChange],
      description: 'Both made these, with other content.',
      resolve: ({ files, left, right }) =>
        atMost(files.changed).map((change) => ({
          path: change.path,
          left: { ...change.left, build: left },
          right: { ...change.right, build: right },
        })),
    }),
    equalCount: t.int({ description: 'How many are equal.', resolve: ({ files }) => files.equalCount }),
  }),
})

function filesOf(build: ComparedBuild, files: readonly ComparedFile[]): FileOfBuild[] {
  return atMost(files).map((file) => ({ ...file, build }))
}

const MainBinaryDiff = builder.objectRef<Diff>('MainBinaryDiff').implement({
  description: 'How the main binaries of two builds differ.',
  fields: (t) => ({
    change: t.field({ type: OutputChange, description: 'The short answer.', resolve: outputChange }),
    left: t.field({
      type: ComparedArtifact,
      nullable: true,
      description: 'That of the left build.',
      resolve: ({ left }) => left.mainBinary && { ...left.mainBinary, build: left },
    }),
    right: t.field({
      type: ComparedArtifact,
      nullable: true,
      description: 'That of the right build.',
      resolve: ({ right }) => right.mainBinary && { ...right.mainBinary, build: right },
    }),
    sizeDelta: t.float({
      nullable: true,
      description: 'How many bytes the right one is longer; null when a build has none.',
      resolve: ({ left, right }) =>
        left.mainBinary && right.mainBinary && right.mainBinary.sizeBytes - left.mainBinary.sizeBytes,
    }),
    firstDifferingOffset: t.field({
      type: 'ByteSize',
      nullable: true,
      description:
        'Offset of the first byte that differs, from 0; the length of the shorter one when the other begins with it; ' +
        'null when they are equal, or a build has none.',
      complexity: 100,
      resolve: findFirstDifferingOffset,
    }),
  }),
})

/** One of the two builds. Both are asked for in the same moment, so that Prisma loads them together. */
function loadBuild(context: Context, info: GraphQLResolveInfo, { uuid }: ComparedBuild) {
  return context.db.build.findUniqueOrThrow({
    ...queryFromInfo({ context, info, typeName: 'Build' }),
    where: { uuid },
  })
}

export const BuildDiff = builder.objectRef<Diff>('BuildDiff').implement({
  description:
    'What changed from one build to another: its inputs, its script, its files. What could not be compared is null, ' +
    'and `missing` tells why.',
  fields: (t) => ({
    left: t.field({
      type: Build,
      description: 'The first build.',
      resolve: ({ left }, _args, context, info) => loadBuild(context, info, left),
    }),
    right: t.field({
      type: Build,
      description: 'The second build.',
      resolve: ({ right }, _args, context, info) => loadBuild(context, info, right),
    }),
    summary: t.field({ type: DiffSummary, description: 'The comparison in short.', resolve: summarize }),
    missing: t.field({
      type: [MissingInput],
      description: 'What could not be compared.',
      resolve: ({ inputs }) => inputs.missing,
    }),
    opam: t.field({
      type: OpamDiff,
      nullable: true,
      description: 'The opam switches.',
      resolve: ({ inputs }) => inputs.opam,
    }),
    environment: t.field({
      type: EnvironmentDiff,
      nullable: true,
      description: 'The build environments.',
      resolve: ({ inputs }) => inputs.environment,
    }),
    systemPackages: t.field({
      type: SystemPackagesDiff,
      nullable: true,
      description: "The operating system's packages.",
      resolve: ({ inputs }) => inputs.systemPackages,
    }),
    script: t.field({
      type: TextDiff,
      nullable: true,
      description: 'The build scripts.',
      resolve: ({ inputs }) => inputs.script,
    }),
    artifacts: t.field({
      type: ArtifactsDiff,
      description: 'The files that they made.',
      resolve: (diff) => diff,
    }),
    mainBinary: t.field({ type: MainBinaryDiff, description: 'The main binaries.', resolve: (diff) => diff }),
    isSamePlatform: t.boolean({
      description: 'Both were built on the same platform.',
      resolve: ({ left, right }) => left.platform === right.platform,
    }),
    durationDeltaMs: t.float({
      description: 'How many milliseconds longer the right build took; negative when it was faster.',
      resolve: ({ left, right }) => durationMs(right) - durationMs(left),
    }),
  }),
})

function durationMs({ startedAt, finishedAt }: ComparedBuild): number {
  return finishedAt.getTime() - startedAt.getTime()
}

builder.queryField('diff', (t) =>
  t.field({
    type: BuildDiff,
    nullable: true,
    description: 'What changed from the left build to the right one; null when one of them does not exist.',
    complexity: 200,
    args: {
      left: t.arg({ type: 'UUID', required: true, description: 'UUID of the first build.' }),
      right: t.arg({ type: 'UUID', required: true, description: 'UUID of the second build.' }),
    },
    resolve: async (_root, args, context) => {
      const found = await findComparedBuilds(context, [args.left, args.right])
      const [left, right] = [found.get(args.left), found.get(args.right)]
      return left && right ? diffBuilds(context, left, right) : null
    },
  }),
)
