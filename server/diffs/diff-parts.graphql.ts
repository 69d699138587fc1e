import type { ChangedValue, NamedValue, NamedValuesDiff } from '../formats/named-values.ts'
import type { ChangedDuniverseDir } from '../formats/opam/diff-duniverse.ts'
import type { ChangedVersion } from '../formats/opam/diff-switches.ts'
import type { DuniverseDir } from '../formats/opam/duniverse.ts'
import type { InstalledPackage } from '../formats/opam/switch-export.ts'
import { builder } from '../graphql/builder.ts'
import type { ChangedOpamFile, MissingInput as Missing, OpamDiff as Opam } from './diff-inputs.ts'
import { unifiedDiff, type Hunk as TextHunk, type TextDiff as Text } from './text-diff.ts'

/** Items of a list of changes that an answer holds at most; the summary counts all of them. */
export const maxChanges = 2_000

function atMost<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, maxChanges)
}

const DiffSide = builder.enumType('DiffSide', {
  description: 'One of two builds that are compared.',
  values: {
    LEFT: { value: 'left', description: 'The first.' },
    RIGHT: { value: 'right', description: 'The second.' },
  },
})

const DiffInput = builder.enumType('DiffInput', {
  description: 'What of a build is compared by its content.',
  values: {
    OPAM_SWITCH: { description: 'The artifact `opam-switch`.' },
    DUNIVERSE: { description: 'The folders of sources that the root package of the opam switch vendors.' },
    ENVIRONMENT: { description: 'The artifact `build-environment`.' },
    SYSTEM_PACKAGES: { description: 'The artifact `system-packages`.' },
    SCRIPT: { description: 'The script that was run.' },
  },
})

export const MissingInput = builder.objectRef<Missing>('MissingInput').implement({
  description: 'Something that could not be compared, because one side lacks it or it cannot be read.',
  fields: (t) => ({
    input: t.expose('input', { type: DiffInput, description: 'What it is.' }),
    side: t.expose('side', { type: DiffSide, description: 'Whose it is.' }),
    reason: t.exposeString('reason', { description: 'Why, for people.' }),
  }),
})

const Hunk = builder.objectRef<TextHunk>('Hunk').implement({
  description: 'A run of changed lines, with three that did not change before and after it.',
  fields: (t) => ({
    leftStart: t.exposeInt('leftStart', { description: 'Number of its first line on the left, from 1.' }),
    leftCount: t.exposeInt('leftCount', { description: 'How many lines of the left it has.' }),
    rightStart: t.exposeInt('rightStart', { description: 'Number of its first line on the right, from 1.' }),
    rightCount: t.exposeInt('rightCount', { description: 'How many lines of the right it has.' }),
    lines: t.exposeStringList('lines', {
      description:
        'Its lines, each behind a sign: a space for one of both sides, `-` for one of the left, `+` for one of the ' +
        'right, `\\` for the remark that the line before it has no end.',
    }),
  }),
})

export const TextDiff = builder.objectRef<Text>('TextDiff').implement({
  description: 'How two texts differ, line by line.',
  fields: (t) => ({
    removedCount: t.exposeInt('removedCount', { description: 'How many lines only the left has.' }),
    addedCount: t.exposeInt('addedCount', { description: 'How many lines only the right has.' }),
    isCut: t.exposeBoolean('isCut', {
      description: 'There are more hunks than an answer holds; the counts are of all.',
    }),
    hunks: t.field({
      type: [Hunk],
      description: 'The changes, in order; none when the texts are equal.',
      resolve: ({ hunks }) => hunks,
    }),
    unified: t.string({
      description: 'The same as a unified diff; empty when the texts are equal.',
      resolve: (diff) => unifiedDiff(diff, 'left', 'right'),
    }),
  }),
})

const PackageVersion = builder.objectRef<InstalledPackage>('PackageVersion').implement({
  description: 'A package at a version.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version; empty when it is not told.' }),
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
        'Packages at the same version of which nothing more can be said, for one export lacks their opam file.',
      resolve: ({ fileUnknown }) => atMost(fileUnknown),
    }),
    duniverse: t.field({
      type: DuniverseDiff,
      nullable: true,
      description: 'The sources that the root packages vendor; null when a side does not tell.',
      resolve: ({ duniverse }) => duniverse,
    }),
  }),
})

const EnvironmentVariable = builder.objectRef<NamedValue>('EnvironmentVariable').implement({
  description: 'A variable of a build environment.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    value: t.exposeString('value', { description: 'Its value.' }),
  }),
})

const EnvironmentChange = builder.objectRef<ChangedValue>('EnvironmentChange').implement({
  description: 'A variable of a build environment whose value changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its value on the left.' }),
    right: t.exposeString('right', { description: 'Its value on the right.' }),
  }),
})

export const EnvironmentDiff = builder.objectRef<NamedValuesDiff>('EnvironmentDiff').implement({
  description: `How two build environments differ; each list by name, at most ${maxChanges} items.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [EnvironmentVariable],
      description: 'Only on the left.',
      resolve: ({ onlyLeft }) => atMost(onlyLeft),
    }),
    onlyRight: t.field({
      type: [EnvironmentVariable],
      description: 'Only on the right.',
      resolve: ({ onlyRight }) => atMost(onlyRight),
    }),
    changed: t.field({
      type: [EnvironmentChange],
      description: 'On both, with another value.',
      resolve: ({ changed }) => atMost(changed),
    }),
  }),
})

const SystemPackageChange = builder.objectRef<ChangedValue>('SystemPackageChange').implement({
  description: 'A package of the operating system whose version changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its version on the left.' }),
    right: t.exposeString('right', { description: 'Its version on the right.' }),
  }),
})

const toPackage = ({ name, value }: NamedValue): InstalledPackage => ({ name, version: value })

export const SystemPackagesDiff = builder.objectRef<NamedValuesDiff>('SystemPackagesDiff').implement({
  description: `How the operating system's packages differ; each list by name, at most ${maxChanges} items.`,
  fields: (t) => ({
    onlyLeft: t.field({
      type: [PackageVersion],
      description: 'Only on the left.',
      resolve: ({ onlyLeft }) => atMost(onlyLeft).map(toPackage),
    }),
    onlyRight: t.field({
      type: [PackageVersion],
      description: 'Only on the right.',
      resolve: ({ onlyRight }) => atMost(onlyRight).map(toPackage),
    }),
    changed: t.field({
      type: [SystemPackageChange],
      description: 'On both, at another version.',
      resolve: ({ changed }) => atMost(changed),
    }),
  }),
})
