import { queryFromInfo } from '@pothos/plugin-prisma'
import { builder } from '../graphql/builder.ts'
import { batchCost, batchPrice, pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import { gradeOf } from '../policy/grade.ts'
import { Grade as GradeType } from '../policy/grade.graphql.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { buildArguments, BuildConnection } from './build-lists.graphql.ts'
import { Build, Verdict } from './build.graphql.ts'
import { listOrders } from './list-orders.graphql.ts'
import { loadBuilds, selectBuildNodes } from './load-builds.graphql.ts'
import {
  type BuildWithVerdict,
  countReproductions,
  loadersOf,
  loadOtherOutputs,
  loadOutput,
  loadReproductionIds,
  maxOtherOutputs,
} from './load-reproducibility.graphql.ts'
import { type BuildCondition, maxComparedBuilds, otherConditions } from './reproducibility.ts'
import { toVerdict } from './verdict.ts'

const ReproductionInput = builder.enumType('ReproductionInput', {
  description: 'Which reproductions to list.',
  values: {
    ANY: { description: 'All of them.' },
    SAME: { description: 'Those from the same input.' },
    OTHER: { description: 'Those from another, or an unknown, input.' },
  },
})

const BuildConditionEnum = builder.enumType('BuildCondition', {
  description: 'A condition of a build that is no part of its input id.',
  values: {
    SCRIPT: { description: 'The build script.' },
    PLATFORM: { description: 'The name of the platform.' },
  } satisfies Record<BuildCondition, unknown>,
})

const Reproducibility = builder.objectRef<BuildWithVerdict>('Reproducibility').implement({
  description:
    'Whether other builds repeated this build, who uploaded them, and whether their main binaries are equal.',
  fields: (t) => ({
    verdict: t.field({
      type: Verdict,
      description: 'The short answer.',
      resolve: ({ verdict }) => toVerdict(verdict),
    }),
    grade: t.field({
      type: GradeType,
      description: 'The short answer in words: who has repeated the build.',
      resolve: async ({ mainBinarySha256, verdict }, _args, context) =>
        gradeOf(
          toVerdict(verdict),
          mainBinarySha256 === null ? null : await loadOutput(context, mainBinarySha256),
        ),
    }),
    buildCount: t.int({
      description:
        'Number of builds with this main binary, including this build; 0 if this build has no main binary.',
      resolve: async ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null ? 0 : (await loadOutput(context, mainBinarySha256)).buildCount,
    }),
    inputCount: t.int({
      description: 'Number of distinct inputs of those builds; 0 if this build has no main binary.',
      resolve: async ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null ? 0 : (await loadOutput(context, mainBinarySha256)).inputCount,
    }),
    platforms: t.field({
      type: [Platform],
      description: `Platforms of those builds, ordered by name: the first ${mostPlatforms}.`,
      complexity: { field: batchPrice, multiplier: 4 },
      resolve: async ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null
          ? []
          : (await loadersOf(context).platforms.load(mainBinarySha256)).platforms,
    }),
    platformCount: t.int({
      description: 'Number of platforms of those builds.',
      complexity: batchPrice,
      resolve: async ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null ? 0 : (await loadersOf(context).platforms.load(mainBinarySha256)).count,
    }),
    uploaders: t.stringList({
      description: 'Names of the users who uploaded those builds, sorted.',
      complexity: batchPrice,
      resolve: ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null ? [] : loadersOf(context).uploaders.load(mainBinarySha256),
    }),
    reproductions: t.connection(
      {
        type: Build,
        description:
          'The other builds with the same main binary, newest first by their start; of builds that started at the same time, the one stored last first. With filters, `totalCount` counts those that match.',
        args: {
          ...buildArguments.Reproducibility,
          input: t.arg({
            type: ReproductionInput,
            defaultValue: 'ANY',
            description: 'Which inputs the listed builds have.',
          }),
        },
        complexity: (args) => batchCost(pageCost(args)),
        resolve: async (build, args, context, info) => {
          const { job, platform, status, verdict, isDisputed, since, until, receivedSince } = args
          const order = args.order ?? 'STARTED'
          const list = {
            input: args.input ?? 'ANY',
            filter: { job, platform, status, verdict, isDisputed, since, until, receivedSince },
            order,
          } as const
          const page = parsePage(args, listOrders[order])
          const selection = selectBuildNodes(context, info)
          const ids = await loadReproductionIds(context, build, list, page)
          const found = await loadBuilds(context, selection, ids)
          const totalCount = () => countReproductions(context, build, list, page)
          return { ...toConnection(found, page, listOrders[order]), totalCount }
        },
      },
      BuildConnection,
    ),
    otherOutputs: t.field({
      type: [Build],
      description: `The newest build of each other main binary that the same input produced, newest first; at most ${maxOtherOutputs}.`,
      complexity: { field: batchPrice, multiplier: maxOtherOutputs },
      resolve: async (build, _args, context, info) => {
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        const { newest } = await loadOtherOutputs(context, build)
        return loadBuilds(
          context,
          selection,
          newest.map(({ id }) => id),
        )
      },
    }),
    otherOutputsDifferIn: t.field({
      type: [BuildConditionEnum],
      description: `Conditions that no build of another output of the same input shares with this build. The newest ${maxOtherOutputs} outputs are compared, with the newest ${maxComparedBuilds} builds of each. The conditions are no part of the input id, and can be the reason of the other output. Empty if no other output is known.`,
      complexity: batchPrice,
      resolve: async (build, _args, context) => {
        const { inputId } = build
        if (inputId === null) return []
        const { newest } = await loadOtherOutputs(context, build)
        if (newest.length === 0) return []
        const { conditions } = loadersOf(context)
        const others = await Promise.all(newest.map(({ sha256 }) => conditions.load({ inputId, sha256 })))
        return otherConditions(build, others.flat())
      },
    }),
    otherOutputCount: t.int({
      description: 'Number of other main binaries that the same input produced.',
      complexity: batchPrice,
      resolve: async (build, _args, context) => (await loadOtherOutputs(context, build)).count,
    }),
  }),
})

builder.prismaObjectField(Build, 'reproducibility', (t) =>
  t.field({
    type: Reproducibility,
    description:
      'Whether other builds repeated this build, who uploaded them, and whether their main binaries are equal.',
    resolve: (build) => build,
  }),
)
