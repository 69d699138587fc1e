import type { ChangedValue, NamedValue, NamedValuesDiff } from '../formats/named-values.ts'
import type { InstalledPackage } from '../formats/opam/switch-export.ts'
import { builder } from '../graphql/builder.ts'
import { atMost, maxChanges } from './at-most.ts'
import { PackageVersion } from './opam-diff.graphql.ts'

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
