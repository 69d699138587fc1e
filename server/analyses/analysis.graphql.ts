import { Build } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/bad-input.ts'
import { analysedColumns, isAnalysisKind } from './kind.ts'
import { loadAnalysis, stateOf, type AnalysisFacts } from './load-analyses.ts'
import { inputsOf, type AnalysisKey } from './queue.ts'

export const AnalysisKind = builder.enumType('AnalysisKind', {
  description: 'What is derived from what a build made.',
  values: {
    SOLO5: {
      description: 'What a unikernel needs to run: its Solo5 target and devices. Of the main binary.',
    },
    DEPENDENCIES: { description: 'Which package depends on which. Of the `opam-switch`.' },
    BINARY_SIZE: {
      description:
        'Where the bytes of the main binary come from. Of the artifact whose path ends in `.debug`, else of it.',
    },
    FAILURE: { description: 'Why it failed. Of the console of a build that failed.' },
  },
})

export const AnalysisState = builder.enumType('AnalysisState', {
  description: 'Where an analysis stands.',
  values: {
    PENDING: { description: 'It waits, for the first time or to be tried again.' },
    RUNNING: { description: 'It runs.' },
    READY: { description: 'It has a result. While a newer version makes it again, the older result stays.' },
    FAILED: { description: 'It has no result, and is not tried again by itself: see `error`.' },
  },
})

const idOf = ({ kind, inputSha256 }: AnalysisKey) => `${kind}:${inputSha256}`

function parseId(id: string): AnalysisKey {
  const [, kind = '', inputSha256 = ''] = /^(\w+):([0-9a-f]{64})$/.exec(id) ?? []
  if (!isAnalysisKind(kind))
    throw badInput(`not a global id: ${JSON.stringify(id.slice(0, 100))} is no analysis`)
  return { kind, inputSha256 }
}

const AnalysisRef = builder.objectRef<AnalysisFacts>('Analysis')

export const Analysis = builder.node(AnalysisRef, {
  description:
    'What the hub derives, in the background, from some content of a build. Builds that share the content share it.',
  id: { resolve: idOf, description: 'Global id, for `node`.' },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'inputSha256' in value && 'row' in value,
  loadOne: (id, context) => loadAnalysis(context, parseId(id)),
  fields: (t) => ({
    kind: t.field({ type: AnalysisKind, description: 'What is derived.', resolve: ({ kind }) => kind }),
    state: t.field({
      type: AnalysisState,
      description: 'Where it stands.',
      resolve: (facts, _args, { analyses }) => stateOf(analyses.kinds, facts),
    }),
    version: t.int({
      nullable: true,
      description: 'Of the code that gave the result, or the error; null when there is neither yet.',
      resolve: ({ row }) => row?.version || null,
    }),
    inputSha256: t.field({
      type: 'Sha256',
      description: 'Of the content that is analysed: an artifact, or a console.',
      resolve: ({ inputSha256 }) => inputSha256,
    }),
    attempts: t.int({
      description: 'How many runs were begun since it was last asked for.',
      resolve: ({ row }) => row?.attempts ?? 0,
    }),
    error: t.string({
      nullable: true,
      description: 'Why the last run gave no result; null when it did, or none has ended.',
      resolve: ({ row }) => row?.error ?? null,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last run began; null when none did.',
      resolve: ({ row }) => row?.startedAt ?? null,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last run that ended did.',
      resolve: ({ row }) => row?.finishedAt ?? null,
    }),
  }),
})

builder.prismaObjectField(Build, 'analyses', (t) =>
  t.field({
    type: [AnalysisRef],
    description: 'What is derived from it: one for each kind that it has something for.',
    complexity: { field: 1, multiplier: 4 },
    select: analysedColumns,
    args: {
      kinds: t.arg({ type: [AnalysisKind], description: 'Only these; all unless given.' }),
    },
    resolve: (build, { kinds }, context) =>
      Promise.all(
        inputsOf(context.analyses.kinds, build)
          .filter(({ kind }) => !kinds || kinds.includes(kind))
          .map((key) => loadAnalysis(context, key)),
      ),
  }),
)
