import type { ChangedDuniverseDir } from '../formats/opam/diff-duniverse.ts'
import type { ChangedVersion } from '../formats/opam/diff-switches.ts'
import type { DuniverseDir } from '../formats/opam/duniverse.ts'
import type { InstalledPackage } from '../formats/opam/switch-export.ts'
import { builder } from '../graphql/builder.ts'
import { atMost, maxChanges } from './at-most.ts'
import { DiffSide } from './compared-input.graphql.ts'
import type { ChangedOpamFile, OpamDiff as Opam } from './diff-inputs.ts'
import { TextDiff } from './text-diff.graphql.ts'

export const PackageVersion = builder.objectRef<InstalledPackage>('PackageVersion').implement({
  description: 'A package at a version.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.string({
      nullable: true,
      description: 'Version of the package. Null if the side does not record it.',
      resolve: ({ version }) => version || null,
    }),
  }),
})

const VersionDirection = builder.enumType('VersionDirection', {
  description: "How two versions relate in opam's order, which is Debian's.",
  values: {
    UPGRADE: { value: 'upgrade', description: 'The right one is newer.' },
    DOWNGRADE: { value: 'downgrade', description: 'The right one is older.' },
    RESPELLED: { value: 'respelled', description: 'They rank the same, like `1.0` and `1.00`.' },
  },
})

const OpamVersionChange = builder.objectRef<ChangedVersion>('OpamVersionChange').implement({
  description: 'An opam package whose version changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its version on the left.' }),
    right: t.exposeString('right', { description: 'Its version on the right.' }),
    direction: t.expose('direction', { type: VersionDirection, description: 'Which of the two is newer.' }),
  }),
})

const OpamFileDiff = builder.objectRef<ChangedOpamFile>('OpamFileDiff').implement({
  description: 'An opam package of the same version on both sides whose opam file changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    isEffective: t.exposeBoolean('isEffective', {
      description: 'The change can affect what is built; else only descriptions, links and the like changed.',
    }),
    diff: t.field({
      type: TextDiff,
      description: "What changed, in opam's own layout and order of fields.",
      resolve: ({ diff }) => diff,
    }),
  }),
})

const OpamFileUnknown = builder.objectRef<Opam['fileUnknown'][number]>('OpamFileUnknown').implement({
  description: 'An opam package of the same version whose opam file only one side has.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    side: t.expose('side', { type: DiffSide, description: 'The side that lacks it.' }),
  }),
})

const DuniverseDirectory = builder.objectRef<DuniverseDir>('DuniverseDirectory').implement({
  description: 'A folder of sources that opam-monorepo vendors.',
  fields: (t) => ({
    name: t.exposeString('dir', { description: 'Name of the folder.' }),
    url: t.exposeString('url', { description: 'Where its content comes from.' }),
    hashes: t.stringList({
      description: 'Hashes of its content, like `sha256=…`; none for what comes from Git.',
      resolve: ({ hashes }) => hashes.map(({ kind, value }) => `${kind}=${value}`),
    }),
  }),
})

const DuniverseHash = builder
  .objectRef<ChangedDuniverseDir['hashes'][number]>('DuniverseHashChange')
  .implement({
    description: "A hash of a folder's content, before and after.",
    fields: (t) => ({
      kind: t.exposeString('kind', { description: '`md5`, `sha256` or `sha512`.' }),
      left: t.exposeString('left', { nullable: true, description: 'Left; null when not written down.' }),
      right: t.exposeString('right', { nullable: true, description: 'Right; null when not written down.' }),
    }),
  })

const DuniverseChange = builder.objectRef<ChangedDuniverseDir>('DuniverseChange').implement({
  description: 'A folder of sources that changed.',
  fields: (t) => ({
    name: t.exposeString('dir', { description: 'Name of the folder.' }),
    isSameContent: t.exposeBoolean('isSameContent', {
      description: 'The hashes that both sides have are equal: only more or fewer of them are written down.',
    }),
    left: t.field({
      type: DuniverseDirectory,
      description: 'As it is on the left.',
      resolve: (it) => it.left,
    }),
    right: t.field({
      type: DuniverseDirectory,
      description: 'As it is on the right.',
      resolve: (it) => it.right,
    }),
    hashes: t.field({
      type: [DuniverseHash],
      description: 'The hashes that are not the same on both sides, by kind.',
      resolve: ({ hashes }) => hashes,
    }),
  }),
})

const DuniverseDiff = builder.objectRef<NonNullable<Opam['duniverse']>>('DuniverseDiff').implement({
  description: `How the vendored folders of sources differ; each list by name, at most ${maxChanges} items.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [DuniverseDirectory],
      description: 'Only on the left.',
      resolve: ({ onlyLeft }) => atMost(onlyLeft),
    }),
    onlyRight: t.field({
      type: [DuniverseDirectory],
      description: 'Only on the right.',
      resolve: ({ onlyRight }) => atMost(onlyRight),
    }),
    changed: t.field({
      type: [DuniverseChange],
      description: 'On both, from elsewhere or with other hashes.',
      resolve: ({ changed }) => atMost(changed),
    }),
  }),
})

export const OpamDiff = builder.objectRef<Opam>('OpamDiff').implement({
  description: `How two opam switches differ; each list by name, at most ${maxChanges} items.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [PackageVersion],
      description: 'Packages that only the left has.',
      resolve: ({ onlyLeft }) => atMost(onlyLeft),
    }),
    onlyRight: t.field({
      type: [PackageVersion],
      description: 'Packages that only the right has.',
      resolve: ({ onlyRight }) => atMost(onlyRight),
    }),
    versionChanged: t.field({
      type: [OpamVersionChange],
      description: 'Packages at another version.',
      resolve: ({ versionChanged }) => atMost(versionChanged),
    }),
    fileChanged: t.field({
      type: [OpamFileDiff],
      description: 'Packages at the same version whose opam file changed.',
      args: {
        effective: t.arg.boolean({
          description: 'Only those whose change can affect what is built (true), or cannot (false).',
        }),
      },
      resolve: ({ fileChanged }, { effective }) =>
        atMost(fileChanged.filter(({ isEffective }) => effective == null || isEffective === effective)),
    }),
    fileUnknown: t.field({
      type: [OpamFileUnknown],
      description:
        'Packages at the same version that cannot be compared further, because one switch lacks their opam file.',
      resolve: ({ fileUnknown }) => atMost(fileUnknown),
    }),
    duniverse: t.field({
      type: DuniverseDiff,
      nullable: true,
      description:
        'Sources that the root packages vendor. Empty lists if neither side vendors any. Null if a side does not have exactly one root package, or if its list cannot be read: `BuildDiff.missing` says which.',
      resolve: ({ duniverse }) => duniverse,
    }),
  }),
})
