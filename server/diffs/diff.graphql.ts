import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Build } from '../builds/build.graphql.ts'
import { builder, nodePrices, type Context } from '../graphql/builder.ts'
import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { comparePath } from '../paths.ts'
import { findComparedBuilds, type ComparedBuild } from './compared-build.ts'
import { MissingInput, UnlistedChange } from './compared-input.graphql.ts'
import { diffBuilds, isDamaged, type BuildDiff as Diff } from './diff-builds.ts'
import { oneComparison } from './one-comparison.ts'
import { DiffSummary } from './diff-summary.graphql.ts'
import { ArtifactsDiff, MainBinaryDiff } from './files-diff.graphql.ts'
import { OpamDiff } from './opam-diff.graphql.ts'
import { summarize } from './summarize.ts'
import { TextDiff } from './text-diff.graphql.ts'
import { EnvironmentDiff, SystemPackagesDiff } from './values-diff.graphql.ts'
import { markVolatile } from '../volatile.ts'

/** One of the two builds. Both are asked for in the same moment, so that Prisma loads them together. */
function loadBuild(context: Context, info: GraphQLResolveInfo, { uuid }: ComparedBuild) {
  return context.db.build.findUniqueOrThrow({
    ...queryFromInfo({ context, info, typeName: 'Build' }),
    where: { uuid },
  })
}

/** Compares two stored builds. Null if one of them does not exist. */
async function compare(context: Context, leftUuid: string, rightUuid: string): Promise<Diff | null> {
  const found = await findComparedBuilds(context, [leftUuid, rightUuid])
  const [left, right] = [found.get(leftUuid), found.get(rightUuid)]
  if (!left || !right) return null
  const diff = await waitElsewhere(
    context,
    oneComparison(context)(() => diffBuilds(context, left, right)),
  )
  if (isDamaged(diff)) markVolatile(context)
  return diff
}

export const BuildDiff = builder.node(builder.objectRef<Diff>('BuildDiff'), {
  description:
    'Changes from one build to another: inputs, script and files. A part that could not be compared is null, and `missing` gives the reason.',
  id: {
    resolve: ({ left, right }) => `${left.uuid}:${right.uuid}`,
    description: `Global id, for \`node\`, which costs ${nodePrices.BuildDiff} for it.`,
  },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'left' in value && 'inputs' in value && 'files' in value,
  async loadOne(id, context) {
    const [left = '', right = ''] = id.split(':')
    return compare(context, left, right)
  },
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
    url: t.field({
      type: 'URL',
      description: 'The page that compares the two.',
      resolve: ({ left, right }, _args, { siteUrl }) => siteUrl + comparePath(left.uuid, right.uuid),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      resolve: ({ left, right }) => comparePath(left.uuid, right.uuid),
    }),
    summary: t.field({ type: DiffSummary, description: 'The comparison in short.', resolve: summarize }),
    missing: t.field({
      type: [MissingInput],
      description: 'What could not be compared.',
      resolve: ({ inputs }) => inputs.missing,
    }),
    unlisted: t.field({
      type: [UnlistedChange],
      description:
        'Inputs whose bytes differ although nothing of them is listed: line ends, a byte order mark, blanks, comments or the order of lines changed.',
      resolve: ({ inputs }) => inputs.unlisted,
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
      description: 'Duration of the right build minus duration of the left build, in milliseconds.',
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
    complexity: nodePrices.BuildDiff,
    args: {
      left: t.arg({ type: 'UUID', required: true, description: 'UUID of the first build.' }),
      right: t.arg({ type: 'UUID', required: true, description: 'UUID of the second build.' }),
    },
    resolve: (_root, { left, right }, context) => compare(context, left, right),
  }),
)
