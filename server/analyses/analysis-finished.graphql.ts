import DataLoader from 'dataloader'
import { Repeater } from 'graphql-yoga'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { checkStreamCount } from '../graphql/event-streams.ts'
import { beginEvent } from '../per-operation.ts'
import { perServer } from '../per-server.ts'
import { Analysis } from './analysis.graphql.ts'
import { analysedColumns } from './kind.ts'
import { findAnalyses, stateOf, type AnalysisFacts } from './load-analyses.ts'
import { inputsOf, nameOfKey, type AnalysisKey } from './analysis-key.ts'

/** Pages that follow analyses look at the same moments: one statement reads for all of them. */
const loadersOf = perServer(() => ({
  ended: null as DataLoader<AnalysisKey, AnalysisFacts> | null,
}))

function findTogether({ analyses, db }: Context, keys: readonly AnalysisKey[]): Promise<AnalysisFacts[]> {
  const loaders = loadersOf(analyses)
  loaders.ended ??= new DataLoader((all) => findAnalyses({ analyses, db }, all), { cache: false })
  const { ended } = loaders
  return Promise.all(keys.map((key) => ended.load(key)))
}

/**
 * The analyses of a build that have ended, and then each that ends. Ends itself with the last one, and
 * with the server. A Repeater, since a generator that waits for an event does not hear that its client
 * has gone.
 */
function followAnalyses(context: Context, uuid: string): Repeater<AnalysisFacts> {
  const { analyses, changes, db, events } = context
  checkStreamCount(events, 'follow analyses')
  return new Repeater<AnalysisFacts>(async (push, stop) => {
    const waitedFor = new Map<string, AnalysisKey>()
    let isKnown = false

    async function sendEnded(keys: readonly AnalysisKey[]): Promise<void> {
      for (const facts of await findTogether(context, keys)) {
        const state = stateOf(analyses.kinds, facts)
        const hasEnded = state === 'READY' || state === 'FAILED'
        if (hasEnded && waitedFor.delete(nameOfKey(facts))) void push(facts)
      }
      if (waitedFor.size === 0) stop()
    }

    let looking: Promise<void> | null = null
    let isWanted = false
    // One look at a time: changes that come meanwhile need one more, however many they are.
    const look = () => {
      // Not known yet what is waited for: the first look comes after this change.
      if (!isKnown) return
      isWanted = true
      looking ??= lookUntilDone()
        .catch(stop)
        .finally(() => (looking = null))
    }
    async function lookUntilDone(): Promise<void> {
      while (isWanted) {
        isWanted = false
        await sendEnded([...waitedFor.values()])
      }
    }
    const onStop = () => stop()
    const stopFollowing = changes.on(['analyses'], look)
    events.on('serverStops', onStop)
    try {
      const build = await db.build.findUnique({ where: { uuid }, select: analysedColumns })
      if (!build) throw badInput(`no build ${uuid}`)
      const keys = inputsOf(analyses.kinds, build)
      for (const key of keys) waitedFor.set(nameOfKey(key), key)
      isKnown = true
      // Listening already: what ends meanwhile is not missed.
      await sendEnded(keys)
      await stop
    } finally {
      stopFollowing()
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
    resolve(facts, _args, context) {
      beginEvent(context)
      return facts
    },
  }),
)
