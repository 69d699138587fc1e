import { Repeater } from 'graphql-yoga'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { checkStreamCount } from '../graphql/event-streams.ts'
import { Analysis } from './analysis.graphql.ts'
import { analysedColumns } from './kind.ts'
import { findAnalyses, stateOf, type AnalysisFacts } from './load-analyses.ts'
import { inputsOf, nameOfKey, type AnalysisKey } from './analysis-key.ts'

/**
 * The analyses of a build that have ended, and then each that ends. Ends itself with the last one, and
 * with the server. A Repeater, since a generator that waits for an event does not hear that its client
 * has gone.
 */
function followAnalyses(context: Context, uuid: string): Repeater<AnalysisFacts> {
  const { analyses, db, events } = context
  checkStreamCount(events, 'follow analyses')
  return new Repeater<AnalysisFacts>(async (push, stop) => {
    const waitedFor = new Map<string, AnalysisKey>()

    async function sendEnded(keys: readonly AnalysisKey[]): Promise<void> {
      for (const facts of await findAnalyses(context, keys)) {
        const state = stateOf(analyses.kinds, facts)
        const hasEnded = state === 'READY' || state === 'FAILED'
        if (hasEnded && waitedFor.delete(nameOfKey(facts))) void push(facts)
      }
      if (waitedFor.size === 0) stop()
    }

    const onFinished = (finished: AnalysisKey) => {
      const key = waitedFor.get(nameOfKey(finished))
      if (key) sendEnded([key]).catch(stop)
    }
    const onStop = () => stop()
    events.on('analysisFinished', onFinished)
    events.on('serverStops', onStop)
    try {
      const build = await db.build.findUnique({ where: { uuid }, select: analysedColumns })
      if (!build) throw badInput(`no build ${uuid}`)
      const keys = inputsOf(analyses.kinds, build)
      for (const key of keys) waitedFor.set(nameOfKey(key), key)
      // Listening already: what ends meanwhile is not missed.
      await sendEnded(keys)
      await stop
    } finally {
      events.off('analysisFinished', onFinished)
      events.off('serverStops', onStop)
    }
  })
}

builder.subscriptionType({
  description:
    'Events as they happen, sent as server-sent events: request them with `Accept: text/event-stream`. Protocol: GraphQL over Server-Sent Events, distinct connections mode.',
})

builder.subscriptionField('analysisFinished', (t) =>
  t.field({
    type: Analysis,
    description:
      'Finished analyses of a build, ready or failed. Sends the analyses that are already finished first, then each remaining one when it finishes. Completes after the last analysis of the build.',
    args: { build: t.arg({ type: 'UUID', required: true, description: "The build's UUID." }) },
    subscribe: (_root, { build }, context) => followAnalyses(context, build),
    resolve: (facts) => facts,
  }),
)
