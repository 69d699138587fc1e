import { Build } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/bad-input.ts'
import { analysedColumns, analysisKinds } from './kind.ts'
import { loadAnalysis, stateOf, type AnalysisFacts } from './load-analyses.ts'
import { inputsOf, nameOfKey, parseTask, taskOf, type AnalysisKey } from './analysis-key.ts'

export const AnalysisKind = builder.enumType('AnalysisKind', {
  description: 'Kind of an analysis.',
  values: {
    SOLO5: {
      description: 'Solo5 target and devices that a unikernel needs, read from the main binary.',
    },
    DEPENDENCIES: { description: 'Dependencies between packages, read from the artifact `opam-switch`.' },
    BINARY_SIZE: {
      description:
        'Origin of the bytes of the main binary, with the symbols of the artifact whose path ends in `.debug`, if there is one.',
    },
    FAILURE: { description: 'Reason why a build failed, read from its console.' },
    COMPONENTS: {
      description:
        'Packages that a build contains, with licences and sources, read from the artifact `opam-switch`.',
    },
    MODULES: { description: 'OCaml modules that are linked into the binary, read from its symbols.' },
  },
})

export const AnalysisState = builder.enumType('AnalysisState', {
  description: 'State of an analysis.',
  values: {
    PENDING: { description: 'The analysis waits for its first run, or for another attempt.' },
    RUNNING: { description: 'The analysis is running.' },
    READY: {
      description:
        'The analysis has a result. An old result stays available while a newer version of the analyser replaces it.',
    },
    FAILED: {
      description: 'The analysis has no result and is not retried automatically. `error` holds the reason.',
    },
  },
})

function parseId(id: string): AnalysisKey {
  const [, kind = '', taskKey = ''] = /^(\w+):(.*)$/s.exec(id) ?? []
  const key = parseTask({ kind, key: taskKey })
  if (!key) throw badInput(`not a global id: ${JSON.stringify(id.slice(0, 100))} is no analysis`)
  return key
}

const AnalysisRef = builder.objectRef<AnalysisFacts>('Analysis')

export const Analysis = builder.node(AnalysisRef, {
  description:
    'Data that the server derives in the background from an artifact or a console. Builds with the same content share one analysis.',
  id: { resolve: nameOfKey, description: 'Global id, for `node`.' },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'inputSha256' in value && 'row' in value,
  // Only what a build asked for: any other id would be an order to analyse any content.
  async loadOne(id, context) {
    const key = parseId(id)
    const known = await context.db.queuedTask.findUnique({
      where: { kind_key: taskOf(key) },
      select: { id: true },
    })
    return known && loadAnalysis(context, key)
  },
  fields: (t) => ({
    kind: t.field({ type: AnalysisKind, description: 'Kind of the analysis.', resolve: ({ kind }) => kind }),
    state: t.field({
      type: AnalysisState,
      description: 'State of the analysis.',
      resolve: (facts, _args, { analyses }) => stateOf(analyses.kinds, facts),
    }),
    version: t.int({
      nullable: true,
      description:
        'Version of the analyser that produced the result or the error. Null until the first analysis.',
      resolve: ({ row }) => row?.version || null,
    }),
    inputSha256: t.field({
      type: 'Sha256',
      description:
        'SHA-256 of the analysed content: an artifact or a console. For BINARY_SIZE it is the main binary.',
      resolve: ({ inputSha256 }) => inputSha256,
    }),
    attempts: t.int({
      description: 'Number of runs started since the analysis was last requested.',
      resolve: ({ row }) => row?.attempts ?? 0,
    }),
    error: t.string({
      nullable: true,
      description: 'Error of the last run. Null if that run succeeded, and until the first run ends.',
      resolve: ({ row }) => row?.error ?? null,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Start of the last run. Null until the first run starts.',
      resolve: ({ row }) => row?.startedAt ?? null,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'End of the last finished run. Null until the first run ends.',
      resolve: ({ row }) => row?.finishedAt ?? null,
    }),
  }),
})

builder.prismaObjectField(Build, 'analyses', (t) =>
  t.field({
    type: [AnalysisRef],
    description: 'Analyses of this build: one for each kind that applies to it.',
    complexity: ({ kinds }) => ({
      field: 1,
      multiplier: kinds ? Math.max(new Set(kinds).size, 1) : analysisKinds.length,
    }),
    select: analysedColumns,
    args: {
      kinds: t.arg({ type: [AnalysisKind], description: 'Return only these kinds. Default: all kinds.' }),
    },
    resolve: (build, { kinds }, context) =>
      Promise.all(
        inputsOf(context.analyses.kinds, build)
          .filter(({ kind }) => !kinds || kinds.includes(kind))
          .map((key) => loadAnalysis(context, key)),
      ),
  }),
)
