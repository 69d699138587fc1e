import { AnalysisKind } from '../analyses/analysis.graphql.ts'
import { countAnalyses, type AnalysisCounts, type KindCounts } from '../analyses/count-analyses.ts'
import { builder } from '../graphql/builder.ts'
import { Administration } from './administration.graphql.ts'

const AnalysisCount = builder.objectRef<KindCounts>('AnalysisCount').implement({
  description: 'How the analyses of one kind stand.',
  fields: (t) => ({
    kind: t.field({ type: AnalysisKind, description: 'Which analyses.', resolve: ({ kind }) => kind }),
    version: t.exposeInt('version', { description: 'Version of this kind of analysis.' }),
    pendingCount: t.exposeInt('pending', { description: 'Number of those that wait.' }),
    runningCount: t.exposeInt('running', { description: 'Number of those that run.' }),
    readyCount: t.exposeInt('ready', { description: 'Number of those with a result.' }),
    failedCount: t.exposeInt('failed', { description: 'Number of those without one.' }),
    outdatedCount: t.exposeInt('outdated', {
      description: 'How many of those that are ready or failed are of an older version: they run again.',
    }),
    unseenBuildCount: t.exposeInt('buildsToSee', {
      description: 'Number of older builds at most whose analyses are not queued yet.',
    }),
  }),
})

const AnalysisFailure = builder.objectRef<AnalysisCounts['failures'][number]>('AnalysisFailure').implement({
  description: 'A reason for which analyses failed.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'Kind of these analyses.' }),
    reason: t.exposeString('reason', { description: 'The reason, for people.' }),
    count: t.exposeInt('count', { description: 'Number of analyses that failed for it.' }),
    inputSha256: t.exposeString('inputSha256', {
      description: 'SHA-256 of the file of one of them; empty if it has none.',
    }),
  }),
})

const AnalysesState = builder.objectRef<AnalysisCounts>('AnalysesState').implement({
  description: 'How all analyses stand.',
  fields: (t) => ({
    kinds: t.field({
      type: [AnalysisCount],
      description: 'Each kind.',
      resolve: ({ kinds }) => kinds,
    }),
    failures: t.field({
      type: [AnalysisFailure],
      description: 'The 20 most frequent reasons of failures, most frequent first.',
      resolve: ({ failures }) => failures,
    }),
    oldestPendingSince: t.expose('oldestPendingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on the first that waits can run; null if none waits.',
    }),
  }),
})

builder.objectField(Administration, 'analyses', (t) =>
  t.field({
    type: AnalysesState,
    description: 'How all analyses stand.',
    complexity: 500,
    resolve: (_admin, _args, { analyses, db }) => countAnalyses(db, analyses.kinds),
  }),
)
