import type { ChangedValue, NamedValue, NamedValuesDiff } from '../formats/named-values.ts'
import { builder } from '../graphql/builder.ts'
import type {
  DuniverseChange,
  DuniverseDir,
  DuniverseHashChange,
  MissingInput as Missing,
  OpamDiff as Opam,
  OpamFileChange,
  PackageVersion as Package,
  VersionChange,
} from './inputs-diff.ts'
import type { Hunk as TextHunk, TextDiff as Text } from './text-diff.ts'

const DiffSide = builder.enumType('DiffSide', {
  description: 'One of two builds that are compared.',
  values: { LEFT: { description: 'The first.' }, RIGHT: { description: 'The second.' } },
})

const DiffInput = builder.enumType('DiffInput', {
  description: 'What of a build is compared by its content.',
  values: {
    OPAM_SWITCH: { description: 'The artifact `opam-switch`.' },
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
  description: 'A run of changed lines with some that did not change around them.',
  fields: (t) => ({
    leftStart: t.exposeInt('leftStart', { description: 'Number of its first line on the left; counts from 1.' }),
    leftCount: t.exposeInt('leftCount', { description: 'How many lines of the left it shows.' }),
    rightStart: t.exposeInt('rightStart', { description: 'Number of its first line on the right; counts from 1.' }),
    rightCount: t.exposeInt('rightCount', { description: 'How many lines of the right it shows.' }),
    lines: t.exposeStringList('lines', {
      description: 'The lines: ` ` before one of both sides, `-` before one of the left, `+` before one of the right.',
    }),
  }),
})

export const TextDiff = builder.objectRef<Text>('TextDiff').implement({
  description: 'How two texts differ, line by line.',
  fields: (t) => ({
    removedCount: t.exposeInt('removedCount', { description: 'How many lines only the left has.' }),
    addedCount: t.exposeInt('addedCount', { description: 'How many lines only the right has.' }),
    hunks: t.field({ type: [Hunk], description: 'The changes in order; none when equal.', resolve: ({ hunks }) => hunks }),
    unified: t.exposeString('unified', { description: 'The same as a unified diff; empty when equal.' }),
  }),
})

const PackageVersion = builder.objectRef<Package>('PackageVersion').implement({
  description: 'A package at a version.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version; empty when not told.' }),
  }),
})

const PackageVersionChange = builder.objectRef<Omit<VersionChange, 'isUpgrade'>>('PackageVersionChange').implement({
  description: 'A package whose version changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its version on the left.' }),
    right: t.exposeString('right', { description: 'Its version on the right.' }),
  }),
})

const OpamVersionChange = builder.objectRef<VersionChange>('OpamVersionChange').implement({
  description: 'An opam package whose version changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its version on the left.' }),
    right: t.exposeString('right', { description: 'Its version on the right.' }),
    isUpgrade: t.exposeBoolean('isUpgrade', { description: "The right one is newer, in opam's order of versions." }),
  }),
})

const OpamFileDiff = builder.objectRef<OpamFileChange>('OpamFileDiff').implement({
  description: 'An opam package of the same version on both sides, whose opam file changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    isEffective: t.exposeBoolean('isEffective', {
      description: 'The change can affect what is built; else only descriptions, links, maintainers and the like changed.',
    }),
    diff: t.field({ type: TextDiff, description: 'What changed, in normalized form.', resolve: ({ diff }) => diff }),
  }),
})

const DuniverseDirectory = builder.objectRef<DuniverseDir>('DuniverseDirectory').implement({
  description: 'A folder of sources that opam-monorepo brings in.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the folder.' }),
    url: t.exposeString('url', { description: 'Where its content comes from.' }),
  }),
})

const DuniverseHash = builder.objectRef<DuniverseHashChange>('DuniverseHashChange').implement({
  description: 'A hash of an archive, before and after.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'Which hash, like `sha256`.' }),
    left: t.exposeString('left', { nullable: true, description: 'Its value on the left; null when not given.' }),
    right: t.exposeString('right', { nullable: true, description: 'Its value on the right; null when not given.' }),
  }),
})

const DuniverseDirectoryChange = builder.objectRef<DuniverseChange>('DuniverseDirectoryChange').implement({
  description: 'A folder of sources whose content changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the folder.' }),
    leftUrl: t.exposeString('leftUrl', { description: 'Where its content comes from on the left.' }),
    rightUrl: t.exposeString('rightUrl', { description: 'Where its content comes from on the right.' }),
    hashes: t.field({ type: [DuniverseHash], description: 'Its hashes, by kind.', resolve: ({ hashes }) => hashes }),
  }),
})

const DuniverseDiff = builder.objectRef<Opam['duniverse']>('DuniverseDiff').implement({
  description: 'How the folders of sources differ that opam-monorepo brings in; each part by name.',
  fields: (t) => ({
    onlyLeft: t.field({ type: [DuniverseDirectory], description: 'Only on the left.', resolve: (diff) => diff.onlyLeft }),
    onlyRight: t.field({ type: [DuniverseDirectory], description: 'Only on the right.', resolve: (diff) => diff.onlyRight }),
    changed: t.field({ type: [DuniverseDirectoryChange], description: 'On both, with other content.', resolve: (diff) => diff.changed }),
  }),
})

export const OpamDiff = builder.objectRef<Opam>('OpamDiff').implement({
  description: 'How two opam switches differ; each part by name.',
  fields: (t) => ({
    onlyLeft: t.field({ type: [PackageVersion], description: 'Packages only on the left.', resolve: (diff) => diff.onlyLeft }),
    onlyRight: t.field({ type: [PackageVersion], description: 'Packages only on the right.', resolve: (diff) => diff.onlyRight }),
    versionChanged: t.field({ type: [OpamVersionChange], description: 'Packages at another version.', resolve: (diff) => diff.versionChanged }),
    fileChanged: t.field({
      type: [OpamFileDiff],
      description: 'Packages at the same version whose opam file changed.',
      args: { effective: t.arg.boolean({ description: 'Only those whose change can affect what is built (true), or cannot (false).' }) },
      resolve: (diff, { effective }) => diff.fileChanged.filter(({ isEffective }) => effective == null || isEffective === effective),
    }),
    duniverse: t.field({ type: DuniverseDiff, description: "Folders of the root package's duniverse.", resolve: (diff) => diff.duniverse }),
  }),
})

const Variable = builder.objectRef<NamedValue>('EnvironmentVariable').implement({
  description: 'A variable of the build environment.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    value: t.exposeString('value', { description: 'Its value.' }),
  }),
})

const VariableChange = builder.objectRef<ChangedValue>('EnvironmentVariableChange').implement({
  description: 'A variable of the build environment whose value changed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', { description: 'Its value on the left.' }),
    right: t.exposeString('right', { description: 'Its value on the right.' }),
  }),
})

export const EnvironmentDiff = builder.objectRef<NamedValuesDiff>('EnvironmentDiff').implement({
  description: 'How two build environments differ; each part by name.',
  fields: (t) => ({
    onlyLeft: t.field({ type: [Variable], description: 'Only on the left.', resolve: (diff) => diff.onlyLeft }),
    onlyRight: t.field({ type: [Variable], description: 'Only on the right.', resolve: (diff) => diff.onlyRight }),
    changed: t.field({ type: [VariableChange], description: 'With another value.', resolve: (diff) => diff.changed }),
  }),
})

const asPackage = ({ name, value }: NamedValue): Package => ({ name, version: value })

export const SystemPackagesDiff = builder.objectRef<NamedValuesDiff>('SystemPackagesDiff').implement({
  description: "How the operating system's packages differ; each part by name.",
  fields: (t) => ({
    onlyLeft: t.field({ type: [PackageVersion], description: 'Only on the left.', resolve: (diff) => diff.onlyLeft.map(asPackage) }),
    onlyRight: t.field({ type: [PackageVersion], description: 'Only on the right.', resolve: (diff) => diff.onlyRight.map(asPackage) }),
    changed: t.field({ type: [PackageVersionChange], description: 'At another version.', resolve: (diff) => diff.changed }),
  }),
})
