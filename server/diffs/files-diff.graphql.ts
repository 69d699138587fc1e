import { builder } from '../graphql/builder.ts'
import { artifactPath } from '../paths.ts'
import { atMost, maxChanges } from './at-most.ts'
import type { ComparedBuild } from './compared-build.ts'
import { findFirstDifferingOffset, type BuildDiff as Diff } from './diff-builds.ts'
import type { ChangedFile, ComparedFile } from './diff-files.ts'
import { OutputChange } from './diff-summary.graphql.ts'
import { outputChange } from './summarize.ts'

type FileOfBuild = ComparedFile & { build: ComparedBuild }

const ComparedArtifact = builder.objectRef<FileOfBuild>('ComparedArtifact').implement({
  description: 'A file of one of two builds that are compared.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its path.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Hash of its content.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'ByteSize', description: 'Length of its content.' }),
    url: t.field({
      type: 'URL',
      description: 'Where to download it.',
      resolve: ({ build, path }, _args, { siteUrl }) => siteUrl + artifactPath(build.job, build.uuid, path),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
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
    sizeDeltaBytes: t.field({
      type: 'ByteDelta',
      description: 'Size of the right artifact minus size of the left artifact, in bytes.',
      resolve: ({ left, right }) => right.sizeBytes - left.sizeBytes,
    }),
  }),
})

export const ArtifactsDiff = builder.objectRef<Diff>('ArtifactsDiff').implement({
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

export const MainBinaryDiff = builder.objectRef<Diff>('MainBinaryDiff').implement({
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
    sizeDeltaBytes: t.field({
      type: 'ByteDelta',
      nullable: true,
      description:
        'Size of the right main binary minus size of the left one, in bytes. Null if a build has no main binary.',
      resolve: ({ left, right }) =>
        left.mainBinary && right.mainBinary && right.mainBinary.sizeBytes - left.mainBinary.sizeBytes,
    }),
    firstDifferingOffsetBytes: t.field({
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
