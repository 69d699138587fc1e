import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import { inTurn } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { pageCost, parsePage, statementCost, statementPrice, toConnection } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { byNewest } from '../start-cursor.ts'
import { Build, BuildConnection, buildOrder, loadBuild, selectBuildNodes, Verdict } from './build.graphql.ts'
import {
  type BuildCondition,
  countSameInput,
  findOtherConditions,
  findOtherOutputs,
  findPlatformsOfOutput,
  findReproductionIds,
  findUploadersOfOutput,
  type ComparedBuild,
  type ReproductionInput as Input,
} from './reproducibility.ts'
import { toVerdict, type OutputCounts } from './verdict.ts'

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

const maxOtherOutputs = 20

const outputLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, OutputCounts>(async (hashes) => {
      const found = await db.output.findMany({ where: { sha256: { in: [...hashes] } } })
      const byHash = new Map(found.map((output) => [output.sha256, output]))
      return hashes.map((hash) => byHash.get(hash) ?? new Error(`output ${hash} is missing`))
    }),
)

/** Loads the counts of main binaries by their hashes. An operation reads each of them once. */
export function loadOutput(context: Context, sha256: string): Promise<OutputCounts> {
  return outputLoader(context).load(sha256)
}

async function countReproductions(context: Context, build: ComparedBuild, input: Input): Promise<number> {
  const same = input === 'ANY' ? 0 : await inTurn(context, () => countSameInput(context.db, build))
  if (input === 'SAME' || build.mainBinarySha256 === null) return same
  const { buildCount } = await loadOutput(context, build.mainBinarySha256)
  return buildCount - 1 - same
}

type JudgedBuild = ComparedBuild & { verdict: string }

const otherOutputsByBuild = perOperation(
  (_context: Context) => new Map<BuildId, ReturnType<typeof findOtherOutputs>>(),
)

/** Loads the other outputs of the input of a build, once for all fields that need them. */
function loadOtherOutputs(context: Context, build: JudgedBuild): ReturnType<typeof findOtherOutputs> {
  if (build.verdict !== 'NOT_REPRODUCIBLE') return Promise.resolve({ ids: [], count: 0 })
  const known = otherOutputsByBuild(context)
  const found =
    known.get(build.id) ?? inTurn(context, () => findOtherOutputs(context.db, build, maxOtherOutputs))
  known.set(build.id, found)
  return found
}

const Reproducibility = builder.objectRef<JudgedBuild>('Reproducibility').implement({
  description:
    'Whether other builds repeated this build, who uploaded them, and whether their main binaries are equal.',
  fields: (t) => ({
    verdict: t.field({
      type: Verdict,
      description: 'The short answer.',
      resolve: ({ verdict }) => toVerdict(verdict),
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
      description: 'Platforms of those builds, ordered by name.',
      complexity: { field: statementPrice, multiplier: 4 },
      resolve: ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null
          ? []
          : inTurn(context, () => findPlatformsOfOutput(context.db, mainBinarySha256)),
    }),
    uploaders: t.stringList({
      description: 'Names of the users who uploaded those builds, sorted.',
      complexity: statementPrice,
      resolve: ({ mainBinarySha256 }, _args, context) =>
        mainBinarySha256 === null
          ? []
          : inTurn(context, () => findUploadersOfOutput(context.db, mainBinarySha256)),
    }),
    reproductions: t.connection(
      {
        type: Build,
        description:
          'The other builds with the same main binary, newest first by their start; of builds that started at the same time, the one stored last first.',
        args: {
          input: t.arg({
            type: ReproductionInput,
            defaultValue: 'ANY',
            description: 'Which inputs the listed builds have.',
          }),
        },
        complexity: (args) => statementCost(pageCost(args)),
        resolve: async (build, args, context, info) => {
          const page = parsePage(args, buildOrder)
          const input = args.input ?? 'ANY'
          const found = await loadBuilds(
            context,
            info,
            await inTurn(context, () => findReproductionIds(context.db, build, input, page)),
          )
          const totalCount = () => countReproductions(context, build, input)
          return { ...toConnection(found.toSorted(byNewest), page, buildOrder), totalCount }
        },
      },
      BuildConnection,
    ),
    otherOutputs: t.field({
      type: [Build],
      description: `The newest build of each other main binary that the same input produced, newest first; at most ${maxOtherOutputs}.`,
      complexity: { field: statementPrice, multiplier: maxOtherOutputs },
      resolve: async (build, _args, context, info) => {
        const selection = queryFromInfo({ context, info, typeName: 'Build' })
        const { ids } = await loadOtherOutputs(context, build)
        return Promise.all(ids.map((id) => loadBuild(context, selection, id)))
      },
    }),
    otherOutputsDifferIn: t.field({
      type: [BuildConditionEnum],
      description:
        'Conditions that no build of another output of the same input shares with this build. They are no part of the input id, and can be the reason of the other output. Empty if no other output is known.',
      complexity: statementPrice,
      resolve: async (build, _args, context) => {
        if (build.verdict !== 'NOT_REPRODUCIBLE') return []
        return inTurn(context, async () => {
          const conditions = await context.db.build.findUniqueOrThrow({
            where: { id: build.id },
            select: { scriptSha256: true, platformId: true },
          })
          return findOtherConditions(context.db, { ...build, ...conditions })
        })
      },
    }),
    otherOutputCount: t.int({
      description: 'Number of other main binaries that the same input produced.',
      complexity: statementPrice,
      resolve: async (build, _args, context) => (await loadOtherOutputs(context, build)).count,
    }),
  }),
})

function loadBuilds(context: Context, info: GraphQLResolveInfo, ids: readonly BuildId[]) {
  return context.db.build.findMany({ ...selectBuildNodes(context, info), where: { id: { in: [...ids] } } })
}

builder.prismaObjectField(Build, 'reproducibility', (t) =>
  t.field({
    type: Reproducibility,
    description:
      'Whether other builds repeated this build, who uploaded them, and whether their main binaries are equal.',
    resolve: (build) => build,
  }),
)
