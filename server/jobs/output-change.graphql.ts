import DataLoader from 'dataloader'
import { findComparedBuilds, type ComparedBuild } from '../diffs/compared-build.ts'
import { diffBuilds } from '../diffs/diff-builds.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { BuildDiff } from '../diffs/diff.graphql.ts'
import { waitElsewhere } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { perOperation } from '../per-operation.ts'
import { findOutputChanges } from './find-output-changes.ts'
import type { OutputKey } from './list-outputs.ts'
import { JobOutput } from './outputs.graphql.ts'

type Pair = { left: ComparedBuild; right: ComparedBuild }

/** What one operation loads; `few`: a page of outputs must not keep the workers from all others. */
const loadingOf = perOperation((context: Context) => ({
  pairs: new DataLoader<OutputKey, Pair | null, string>((outputs) => findPairs(context, outputs), {
    cacheKeyFn: ({ jobId, scope, sha256 }) => `${jobId} ${scope} ${sha256}`,
  }),
  few: oneComparison(context),
}))

/** Loads the changes of outputs with three SQL statements for any number of outputs. */
async function findPairs(context: Context, outputs: readonly OutputKey[]): Promise<(Pair | null)[]> {
  const changes = await findOutputChanges(context.db, outputs)
  const uuids = new Set(changes.flatMap((change) => (change ? [change.left, change.right] : [])))
  if (uuids.size === 0) return changes.map(() => null)
  const builds = await findComparedBuilds(context, [...uuids])
  return changes.map((change) => {
    const left = change && builds.get(change.left)
    const right = change && builds.get(change.right)
    return left && right ? { left, right } : null
  })
}

builder.prismaObjectField(JobOutput, 'change', (t) =>
  t.field({
    type: BuildDiff,
    nullable: true,
    description:
      'What changed from the output before it in the list, that of the next item, to this one: from the last build of ' +
      'that to the first build of this. Both ran on one platform where any platform built both: on the one that built ' +
      'this output first. The build that started earlier is on the left. Null for the last item of the whole list. Comparisons that nobody has asked for yet take some ' +
      'ten milliseconds each: ask for the list first.',
    complexity: 200,
    resolve: async (output, _args, context) => {
      const { pairs, few } = loadingOf(context)
      const pair = await pairs.load(output)
      return (
        pair &&
        waitElsewhere(
          context,
          few(() => diffBuilds(context, pair.left, pair.right)),
        )
      )
    },
  }),
)
