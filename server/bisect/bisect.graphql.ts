import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Build } from '../builds/build.graphql.ts'
import { IncidentType } from '../builds/incidents.graphql.ts'
import { loadBuild } from '../builds/load-builds.graphql.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice, textPrice } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import { markVolatile } from '../volatile.ts'
import { bisectBuilds, type Bisection } from './bisect-builds.ts'
import type { InputKind as Kind } from './build-inputs.ts'
import { describeChange } from './describe-bisection.ts'
import { findBrokenTogether, type BrokenTogether, type SharedChange } from './find-broken-together.ts'
import type { JudgedChange, SeriesBuild } from './judge-changes.ts'

async function load(id: BuildId, context: Context, info: GraphQLResolveInfo) {
  return loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), id)
}

const InputKind = builder.enumType('InputKind', {
  description: 'What a build is made from.',
  values: {
    PACKAGE: { description: 'A package that opam installed, by its version.' },
    OPAM_FILE: { description: 'The opam file of a package of the same version, by a part of its SHA-256.' },
    VENDORED: {
      description: "Sources in a unikernel's duniverse, by their version or a part of their hash.",
    },
    REPOSITORY: { description: 'An opam repository, by its commit.' },
    SCRIPT: { description: 'The build script, by a part of its SHA-256.' },
    SYSTEM_PACKAGE: { description: 'A package of the operating system, by its version.' },
    ENVIRONMENT: { description: 'A variable of the environment, by its value.' },
    PLATFORM: { description: 'The platform, by its name.' },
  } satisfies Record<Kind, { description: string }>,
})

const BisectedChangeType = builder.objectRef<JudgedChange>('BisectedChange').implement({
  description: 'An input that two builds have in different states, and whether it may be the cause.',
  fields: (t) => ({
    kind: t.field({ type: InputKind, description: 'What it is.', resolve: ({ kind }) => kind }),
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', {
      nullable: true,
      description: 'Its state before the effect. Null: it was not there.',
    }),
    right: t.exposeString('right', {
      nullable: true,
      description: 'Its state with the effect. Null: it is not there.',
    }),
    text: t.string({ description: 'The change in words.', resolve: (change) => describeChange(change) }),
    standing: t.field({
      type: builder.enumType('ChangeStanding', {
        description: 'Whether a change of the inputs may be the cause of an effect.',
        values: {
          SUSPECT: { description: 'The one that explains it best; at most one.' },
          POSSIBLE: { description: 'No build speaks against it.' },
          CLEARED: { description: 'A build shows that it is not the cause alone.' },
        },
      }),
      description: 'Whether it may be the cause.',
      resolve: ({ standing }) => standing,
    }),
    reason: t.exposeString('reason', { description: 'Why, in words. Empty: nothing is known of it.' }),
    clearedBy: t.field({
      type: Build,
      nullable: true,
      description: 'Of a cleared change: the build that shows it.',
      complexity: batchPrice,
      resolve: ({ clearedBy }, _args, context, info) =>
        clearedBy === null ? null : load(clearedBy, context, info),
    }),
  }),
})

const SharedChangeType = builder.objectRef<SharedChange>('SharedChange').implement({
  description: 'A change of the inputs that jobs have in common.',
  fields: (t) => ({
    kind: t.field({ type: InputKind, description: 'What it is.', resolve: ({ kind }) => kind }),
    name: t.exposeString('name', { description: 'Its name.' }),
    left: t.exposeString('left', {
      nullable: true,
      description: 'Its state before. Null: it was not there, or the jobs had different ones.',
    }),
    right: t.exposeString('right', { nullable: true, description: 'Its state now. Null: it is not there.' }),
    text: t.string({ description: 'The change in words.', resolve: (change) => describeChange(change) }),
    jobCount: t.exposeInt('jobCount', { description: 'How many of the jobs have it.' }),
  }),
})

const BrokenTogetherType = builder.objectRef<BrokenTogether>('BrokenTogether').implement({
  description: 'Jobs that broke within two hours of each other.',
  fields: (t) => ({
    jobCount: t.exposeInt('jobCount', { description: 'How many jobs.' }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'Start of the first failure.' }),
    lastAt: t.expose('lastAt', {
      type: 'DateTime',
      description: 'Start of the last of their first failures.',
    }),
    incidents: t.field({
      type: [IncidentType],
      description: 'Their failures, in order of time.',
      resolve: ({ incidents }) => incidents,
    }),
    changes: t.field({
      type: [SharedChangeType],
      description: 'What changed for as many of them as anything did, and for two at least.',
      resolve: ({ changes }) => changes,
    }),
  }),
})

const BisectedBuildType = builder.objectRef<SeriesBuild>('BisectedBuild').implement({
  description: 'A build that was looked at to find a cause.',
  fields: (t) => ({
    side: t.field({
      type: builder.enumType('BisectedSide', {
        description: 'Which of the two builds another one is like.',
        values: {
          BEFORE: { description: 'Like the one before the effect.' },
          AFTER: { description: 'Like the one with the effect.' },
          OTHER: { description: 'Like neither.' },
        },
      }),
      description: 'Which of the two it is like.',
      resolve: ({ side }) => side,
    }),
    build: t.field({
      type: Build,
      description: 'The build.',
      complexity: batchPrice,
      resolve: ({ id }, _args, context, info) => load(id, context, info),
    }),
  }),
})

const build = (key: 'left' | 'right' | 'before' | 'after', description: string) => ({
  type: Build,
  description,
  complexity: batchPrice,
  resolve: (bisection: Bisection, _args: object, context: Context, info: GraphQLResolveInfo) =>
    load(bisection[key], context, info),
})

const BisectionType = builder.objectRef<Bisection>('Bisection').implement({
  description: 'Which change of the inputs between two builds of a job had an effect.',
  fields: (t) => ({
    job: t.exposeString('job', { description: 'Name of the job.' }),
    platform: t.exposeString('platform', { description: 'Name of the platform of the newer build.' }),
    effect: t.field({
      type: builder.enumType('BisectionEffect', {
        description: 'What happened between two builds.',
        values: {
          BROKE: { description: 'It began to fail.' },
          FIXED: { description: 'It began to succeed.' },
          OUTPUT_CHANGED: { description: 'Its main binary is another one.' },
          NOTHING: { description: 'Both have the same result.' },
        },
      }),
      description: 'What happened.',
      resolve: ({ effect }) => effect,
    }),
    text: t.exposeString('words', { description: 'The answer in a sentence or two.' }),
    left: t.field(build('left', 'The older of the two builds.')),
    right: t.field(build('right', 'The newer one.')),
    before: t.field(build('before', 'The last build between them before the effect.')),
    after: t.field(build('after', 'The first build after it.')),
    builds: t.field({
      type: [BisectedBuildType],
      description:
        'The builds of the job on the platform that were looked at, in order of time: some before the two, between them, and after them.',
      complexity: { field: batchPrice, multiplier: 40 },
      resolve: ({ series }) => series,
    }),
    changes: t.field({
      type: [BisectedChangeType],
      description:
        'What changed from `before` to `after`: the suspect first, then what is possible, then what other builds clear. At most 1,000.',
      complexity: { field: batchPrice, multiplier: 20 },
      resolve: ({ changes }) => changes,
    }),
    suspect: t.field({
      type: BisectedChangeType,
      nullable: true,
      description: 'The change that explains it best. Null: none stands out.',
      resolve: ({ changes }) => changes.find(({ standing }) => standing === 'SUSPECT') ?? null,
    }),
    unknown: t.field({
      type: [InputKind],
      description: 'Kinds of inputs that one of the two builds does not tell.',
      resolve: ({ unknown }) => unknown,
    }),
    isFromConsole: t.boolean({
      description:
        'Versions of packages are those that the consoles name: one of the two builds has no opam switch.',
      resolve: ({ packagesFrom }) => packagesFrom === 'CONSOLE',
    }),
    together: t.field({
      type: BrokenTogetherType,
      nullable: true,
      description: 'Jobs that broke within two hours of this one, in the last 30 days. Null: none did.',
      resolve: ({ together }) => together,
    }),
  }),
})

async function findBisection(context: Context, left: string, right: string): Promise<Bisection | null> {
  const found = await waitElsewhere(
    context,
    oneComparison(context)(() => bisectBuilds(context, left, right)),
  )
  if (found?.isPassing) markVolatile(context)
  return found
}

builder.queryFields((t) => ({
  bisection: t.field({
    type: BisectionType,
    nullable: true,
    description:
      'Which change of the inputs broke or fixed a job between two of its builds, or changed its output. Null when a build does not exist, or they are builds of two jobs.',
    args: {
      left: t.arg({ type: 'UUID', required: true, description: 'UUID of a build.' }),
      right: t.arg({ type: 'UUID', required: true, description: 'UUID of another build of the job.' }),
    },
    complexity: textPrice,
    resolve: (_root, { left, right }, context) => findBisection(context, left, right),
  }),
  brokenTogether: t.field({
    type: [BrokenTogetherType],
    description:
      'Jobs that broke within two hours of another one, in the last 30 days, and which changes of their inputs they share; the newest first.',
    complexity: textPrice,
    resolve: (_root, _args, context) =>
      waitElsewhere(
        context,
        oneComparison(context)(() => findBrokenTogether(context)),
      ),
  }),
}))
