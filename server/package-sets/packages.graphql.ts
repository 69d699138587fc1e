import DataLoader from 'dataloader'
import { PackageIdentityEnum } from '../advisories/contents.graphql.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { badInput } from '../graphql/bad-input.ts'
import { batchPrice, pageCost, parsePage, toConnection, type ListOrder } from '../graphql/connection.ts'
import { groupBy } from '../group-by.ts'
import { perOperation } from '../per-operation.ts'
import { ecosystemOf } from './ecosystems.ts'
import { findSpans, type SpanEnd, type VersionSpan } from './find-spans.ts'
import { findJobsWith, findUses, type PackageUse } from './find-uses.ts'
import {
  findAdvisoriesOf,
  findVersions,
  keyOfPackage,
  type KnownVersion,
  type PackageKey,
} from './find-versions.ts'
import { countKnownPackages, listKnownPackages } from './list-known-packages.ts'
import { isInRange, parseVersionRange, VersionRangeError, type VersionRange } from './version-range.ts'

/** Uses that are listed, at most. */
const maxUses = 1_000

const versionsLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<PackageKey, KnownVersion[], string>(
      async (keys) => {
        const found = await findVersions(db, keys)
        return keys.map((key) => found.get(keyOfPackage(key)) ?? [])
      },
      { cacheKeyFn: keyOfPackage },
    ),
)

/** The jobs that have a version now. */
const jobsLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<number, number[]>(async (ids) => {
      const jobs = groupBy(await findJobsWith(db, ids), ({ versionId }) => versionId)
      return ids.map((id) => (jobs.get(id) ?? []).map(({ jobId }) => jobId))
    }),
)

/** How many jobs have one of these versions now. */
async function countJobs(context: Context, versions: readonly KnownVersion[]): Promise<number> {
  const jobs = await Promise.all(versions.map(({ id }) => jobsLoader(context).load(id)))
  return new Set(jobs.flat()).size
}

const advisoriesLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<number, string[]>(async (ids) => {
      const found = await findAdvisoriesOf(db, ids)
      return ids.map((id) => found.get(id) ?? [])
    }),
)

const spansLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<number, VersionSpan | null>(async (ids) => {
      const found = await findSpans(db, ids)
      return ids.map((id) => found.get(id) ?? null)
    }),
)

const usesLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<readonly KnownVersion[], PackageUse[]>(async (groups) =>
      Promise.all(
        groups.map((group) =>
          findUses(
            db,
            group.map(({ id }) => id),
          ),
        ),
      ),
    ),
)

const BuildWithVersion = builder.objectRef<SpanEnd>('BuildWithVersion').implement({
  description: 'The first or the last build that has a version of a package.',
  fields: (t) => ({
    uuid: t.expose('uuid', { type: 'UUID', description: 'Its UUID.' }),
    job: t.exposeString('job', { description: 'Name of its job.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it started.' }),
  }),
})

const VersionOfPackage = builder.objectRef<KnownVersion>('VersionOfPackage').implement({
  description: 'A version of a package that some build has, or had.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'The version.' }),
    jobCount: t.int({
      description: 'Number of jobs whose newest build has it, on some platform.',
      complexity: batchPrice,
      resolve: (version, _args, context) => countJobs(context, [version]),
    }),
    advisories: t.stringList({
      description: 'Ids of advisories that are about it.',
      complexity: batchPrice,
      resolve: ({ id }, _args, context) => advisoriesLoader(context).load(id),
    }),
    firstBuild: t.field({
      type: BuildWithVersion,
      nullable: true,
      description: 'The first build that has it. Null: builds with it were removed.',
      complexity: batchPrice,
      resolve: async ({ id }, _args, context) => (await spansLoader(context).load(id))?.first ?? null,
    }),
    lastBuild: t.field({
      type: BuildWithVersion,
      nullable: true,
      description: 'The last build that has it. Null: builds with it were removed.',
      complexity: batchPrice,
      resolve: async ({ id }, _args, context) => (await spansLoader(context).load(id))?.last ?? null,
    }),
  }),
})

type UseOfVersion = PackageUse & { version: string; isBehind: boolean }

const PackageUseType = builder.objectRef<UseOfVersion>('PackageUse').implement({
  description: 'The newest build with an output of a job on a platform, which has a package.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of its job.' }),
    platform: t.exposeString('platform', { description: 'Name of its platform.' }),
    uuid: t.expose('uuid', { type: 'UUID', description: 'Its UUID.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it started.' }),
    version: t.exposeString('version', { description: 'The version in it.' }),
    isBehind: t.exposeBoolean('isBehind', {
      description: 'Whether builds of this site have, or had, a newer version.',
    }),
    identifiedBy: t.field({
      type: PackageIdentityEnum,
      description: 'How it is known that the build has it.',
      resolve: ({ identifiedBy }) => identifiedBy,
    }),
    isRequired: t.exposeBoolean('isRequired', {
      description: 'Whether it can be in the output. False: it is a tool that served to build.',
    }),
  }),
})

type FoundUses = { all: UseOfVersion[] }

const PackageUses = builder.objectRef<FoundUses>('PackageUses').implement({
  description: 'Which jobs have a package now, in which version. Hidden jobs are left out.',
  fields: (t) => ({
    totalCount: t.int({
      description: 'Number of jobs and platforms.',
      resolve: ({ all }) => all.length,
    }),
    behindCount: t.int({
      description: 'Number of those that are behind the newest version of this site.',
      resolve: ({ all }) => all.filter(({ isBehind }) => isBehind).length,
    }),
    nodes: t.field({
      type: [PackageUseType],
      description: `The builds, those with the oldest versions first; at most ${maxUses}.`,
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ all }) => all.slice(0, maxUses),
    }),
  }),
})

const Package = builder.objectRef<PackageKey>('Package').implement({
  description: 'A package that builds of this site have: installed by opam, or vendored by a unikernel.',
  fields: (t) => ({
    ecosystem: t.exposeString('ecosystem', { description: 'Where it comes from: `opam`.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    newestVersion: t.string({
      description: 'The newest version that a build of this site has, or had, in the order of the ecosystem.',
      complexity: batchPrice,
      resolve: async (key, _args, context) => (await versionsLoader(context).load(key))[0]?.version ?? '',
    }),
    versionCount: t.int({
      description: 'Number of versions that builds of this site have, or had.',
      complexity: batchPrice,
      resolve: async (key, _args, context) => (await versionsLoader(context).load(key)).length,
    }),
    jobCount: t.int({
      description: 'Number of jobs whose newest build has it, on some platform.',
      complexity: batchPrice,
      resolve: async (key, _args, context) => countJobs(context, await versionsLoader(context).load(key)),
    }),
    versions: t.field({
      type: [VersionOfPackage],
      description: 'The versions that builds of this site have, or had, the newest first.',
      complexity: { field: batchPrice, multiplier: 10 },
      resolve: (key, _args, context) => versionsLoader(context).load(key),
    }),
    uses: t.field({
      type: PackageUses,
      description: 'Which jobs have it now, by their newest builds with an output.',
      args: {
        version: t.arg.string({
          description:
            'Only versions in this range, in the order of the ecosystem: `<4.14`, `>=1.0,<2`, `1.5.0`.',
        }),
      },
      complexity: 50,
      resolve: (key, { version }, context) => usesOf(context, key, version),
    }),
  }),
})

async function usesOf(
  context: Context,
  key: PackageKey,
  asked: string | null | undefined,
): Promise<FoundUses> {
  const range = asked ? rangeOf(asked) : null
  const versions = await versionsLoader(context).load(key)
  const wanted = range ? versions.filter(({ version }) => isInRange(key.ecosystem, range, version)) : versions
  const found = await usesLoader(context).load(wanted)
  const ranks = new Map(versions.map(({ id }, index) => [id, index]))
  const { compare } = ecosystemOf(key.ecosystem)
  const newest = versions[0]?.version ?? ''
  const all = found
    .map((use): UseOfVersion => {
      const version = versions[ranks.get(use.versionId) ?? -1]?.version ?? ''
      return { ...use, version, isBehind: compare(version, newest) < 0 }
    })
    .toSorted((l, r) => (ranks.get(r.versionId) ?? 0) - (ranks.get(l.versionId) ?? 0))
  return { all }
}

function rangeOf(text: string): VersionRange {
  try {
    return parseVersionRange(text)
  } catch (error) {
    if (error instanceof VersionRangeError) throw badInput(error.message)
    throw error
  }
}

const PackageConnection = builder.connectionObject(
  { type: Package, name: 'PackageConnection', description: 'A page of packages, by name.' },
  { name: 'PackageEdge', description: 'A package in a list.' },
)

const packageOrder: ListOrder<PackageKey, PackageKey> = {
  name: 'package',
  keyOf: ({ ecosystem, name }) => `${ecosystem} ${name}`,
  parseKey(text) {
    const [, ecosystem, name] = /^([^ ]+) (.+)$/s.exec(text) ?? []
    return ecosystem === undefined || name === undefined ? null : { ecosystem, name }
  },
}

builder.queryFields((t) => ({
  packages: t.connection(
    {
      type: Package,
      description: 'Packages that builds of this site have, or had, by name.',
      args: {
        ecosystem: t.arg.string({ description: 'Only packages of this ecosystem, such as `opam`.' }),
        search: t.arg.string({ description: 'Only packages whose name contains this text.' }),
      },
      complexity: pageCost,
      resolve: async (_root, { ecosystem, search, ...args }, { db }) => {
        const page = parsePage(args, packageOrder)
        const filter = { ecosystem, search }
        return {
          ...toConnection(await listKnownPackages(db, filter, page), page, packageOrder),
          totalCount: () => countKnownPackages(db, filter),
        }
      },
    },
    PackageConnection,
  ),
  package: t.field({
    type: Package,
    nullable: true,
    description: 'A package by its name. Null: no build of this site has, or had, such a package.',
    args: {
      ecosystem: t.arg.string({ required: true, description: 'Where it comes from: `opam`.' }),
      name: t.arg.string({ required: true, description: 'Its name, exactly.' }),
    },
    complexity: batchPrice,
    resolve: async (_root, key, context) =>
      (await versionsLoader(context).load(key)).length > 0 ? key : null,
  }),
}))
