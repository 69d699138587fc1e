import DataLoader from 'dataloader'
import { findComparedBuilds, type ComparedBuild } from '../diffs/compared-build.ts'
import { diffBuilds, isDamaged } from '../diffs/diff-builds.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { BuildDiff } from '../diffs/diff.graphql.ts'
import { passTurn, waitElsewhere } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { perOperation } from '../per-operation.ts'
import { comparePath } from '../paths.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { type ChangedPair, findOutputChanges } from './find-output-changes.ts'
import type { OutputKey } from './list-outputs.ts'
import { JobOutput } from './outputs.graphql.ts'
import { markVolatile } from '../volatile.ts'

type Pair = { left: ComparedBuild; right: ComparedBuild }

const cacheKeyFn = ({ jobId, scope, sha256 }: OutputKey) => `${jobId} ${scope} ${sha256}`

/** A statement has three parameters for each output. */
const outputsPerStatement = Math.floor(parametersPerStatement / 3)

/** What one operation loads; `few`: a page of outputs must not keep the workers from all others. */
const loadingOf = perOperation((context: Context) => ({
  changes: new DataLoader<OutputKey, ChangedPair | null, string>(
    (outputs) =>
      inSlices(
        outputs,
        outputsPerStatement,
        (slice) => findOutputChanges(context.db, slice),
        () => passTurn(context),
      ),
    { cacheKeyFn },
  ),
  pairs: new DataLoader<OutputKey, Pair | null, string>((outputs) => findPairs(context, outputs), {
    cacheKeyFn,
  }),
  few: oneComparison(context),
}))

async function findChangePath(context: Context, output: OutputKey): Promise<string | null> {
  const change = await loadingOf(context).changes.load(output)
  return change && comparePath(change.left, change.right)
}

/** Loads the changes of outputs with three SQL statements for each slice of them. */
async function findPairs(context: Context, outputs: readonly OutputKey[]): Promise<(Pair | null)[]> {
  const { changes: loader } = loadingOf(context)
  const changes = await Promise.all(outputs.map((output) => loader.load(output)))
  const uuids = new Set(changes.flatMap((change) => (change ? [change.left, change.right] : [])))
  if (uuids.size === 0) return changes.map(() => null)
  const builds = await findComparedBuilds(context, [...uuids])
  return changes.map((change) => {
    const left = change && builds.get(change.left)
    const right = change && builds.get(change.right)
    return left && right ? { left, right } : null
  })
}

builder.prismaObjectFields(JobOutput, (t) => ({
  changeUrl: t.field({
    type: 'URL',
    nullable: true,
    description:
      'Page that compares the two builds of `change`; null for the last item of the whole list. It costs no comparison.',
    complexity: batchPrice,
    resolve: async (output, _args, context) => {
      const path = await findChangePath(context, output)
      return path === null ? null : context.siteUrl + path
    },
  }),
  changeResourcePath: t.field({
    type: 'ResourcePath',
    nullable: true,
    description: 'Path of `changeUrl` on this server.',
    complexity: batchPrice,
    resolve: (output, _args, context) => findChangePath(context, output),
  }),
}))

builder.prismaObjectField(JobOutput, 'change', (t) =>
  t.field({
    type: BuildDiff,
    nullable: true,
    description:
      'Comparison of this output with the previous output of the list, which is the next item: of the first build of ' +
      'this output with the last build of the previous output. If a platform built both outputs, both builds are from ' +
      `that platform; if several did, from the one that built this output first. At most ${mostPlatforms + 2} platforms are ` +
      `searched: the ${mostPlatforms} of the job whose newest builds were stored last, and those of the first build of this output ` +
      'and of the last build of the previous output. ' +
      'The build that started earlier is on the left. Null for the last item of the whole list. A comparison that was ' +
      'not requested before takes about ten milliseconds: request the list first.',
    complexity: 200,
    resolve: async (output, _args, context) => {
      const { pairs, few } = loadingOf(context)
      const pair = await pairs.load(output)
      if (!pair) return null
      const diff = await waitElsewhere(
        context,
        few(() => diffBuilds(context, pair.left, pair.right)),
      )
      if (isDamaged(diff)) markVolatile(context)
      return diff
    },
  }),
)
