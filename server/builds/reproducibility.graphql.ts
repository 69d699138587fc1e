import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { passTurn } from '../graphql/bounded-answers.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { batchCost, batchPrice, pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import type { BuildId } from '../ids.ts'
import type { Page } from '../page.ts'
import { perOperation } from '../per-operation.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { Platform } from '../platforms/platform.graphql.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import type { StartCursor } from '../start-cursor.ts'
import {
  Build,
  buildArguments,
  BuildConnection,
  listOrders,
  loadBuilds,
  selectBuildNodes,
  Verdict,
} from './build.graphql.ts'
import {
  type BuildCondition,
  type BuildConditions,
  areListed,
  countBuildsOfOutputs,
  countListed,
  findConditionsOfOutputs,
  findOutputsOfInputs,
  findPlatformsOfOutputs,
  findReproductions,
  findUploadersOfOutputs,
  maxComparedBuilds,
  otherConditions,
  pageOfReproductions,
  type ComparedBuild,
  type OutputOfInput,
  type OutputsOfInput,
  type PlatformsOfOutput,
  type ReproductionList as List,
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

const outputKey = ({ inputId, sha256 }: OutputOfInput) => `${inputId} ${sha256}`

/** Outputs, and their builds, that the fields of an operation load together: a list costs as much as one build. */
const loadersOf = perOperation((context: Context) => {
  const { db } = context
  return {
    platforms: new DataLoader<string, PlatformsOfOutput>((hashes) => findPlatformsOfOutputs(db, hashes), {
      maxBatchSize: parametersPerStatement,
    }),
    uploaders: new DataLoader<string, string[]>((hashes) => findUploadersOfOutputs(db, hashes), {
      maxBatchSize: parametersPerStatement,
    }),
    buildCounts: new DataLoader<OutputOfInput, number, string>(
      (outputs) => countBuildsOfOutputs(db, outputs),
      {
        cacheKeyFn: outputKey,
        maxBatchSize: outputsPerStatement,
      },
    ),
    outputsOfInputs: new DataLoader<string, OutputsOfInput>(
      // One more than is shown: the output of the build itself is among them.
      (inputIds) => findOutputsOfInputs(db, inputIds, maxOtherOutputs + 1),
      { maxBatchSize: parametersPerStatement },
    ),
    conditions: new DataLoader<OutputOfInput, BuildConditions[], string>(
      (outputs) => findConditionsOfOutputs(db, outputs),
      { cacheKeyFn: outputKey, maxBatchSize: outputsPerStatement },
    ),
    lists: new Map<string, ListLoaders>(),
  }
})

/** The builds of one list, by output; how many they are; and whether the build itself is one of them. */
type ListLoaders = {
  ids: DataLoader<OutputOfInput, BuildId[], string>
  counts: DataLoader<OutputOfInput, number, string>
  hasOwn: DataLoader<BuildId, boolean>
}

/** With a filter, a statement walks over the builds of so many outputs: others run between them. */
const filteredPerStatement = 20

function loadersOfList(context: Context, list: List, page: Page<StartCursor>): ListLoaders {
  const { lists } = loadersOf(context)
  const key = JSON.stringify([list, page])
  const { db } = context
  const size = isFiltered(list) ? filteredPerStatement : outputsPerStatement
  const inTurns = <Found>(read: (outputs: readonly OutputOfInput[]) => Promise<Found[]>) =>
    new DataLoader<OutputOfInput, Found, string>(
      (outputs) => inSlices(outputs, size, read, () => passTurn(context)),
      { cacheKeyFn: outputKey },
    )
  const loaders = lists.get(key) ?? {
    ids: inTurns((outputs) => findReproductions(db, outputs, list, page)),
    counts: inTurns((outputs) => countListed(db, outputs, list)),
    hasOwn: new DataLoader((ids) => areListed(db, ids, list.filter), {
      maxBatchSize: parametersPerStatement,
    }),
  }
  lists.set(key, loaders)
  return loaders
}

const isFiltered = ({ filter }: List) => Object.values(filter).some((value) => value != null)

/** A statement has three parameters for each output of an input. */
const outputsPerStatement = Math.floor(parametersPerStatement / 3)

async function countReproductions(
  context: Context,
  build: ComparedBuild,
  list: List,
  page: Page<StartCursor>,
): Promise<number> {
  const { id, inputId, mainBinarySha256: sha256 } = build
  const { input } = list
  if (sha256 === null || (input === 'SAME' && inputId === null)) return 0
  if (isFiltered(list)) {
    const loaders = loadersOfList(context, list, page)
    const [count, hasOwn] = await Promise.all([
      loaders.counts.load({ inputId: input === 'ANY' ? null : inputId, sha256 }),
      // Its input is its own, and no other one.
      input === 'OTHER' && inputId !== null ? false : loaders.hasOwn.load(id),
    ])
    return count - (hasOwn ? 1 : 0)
  }
  const ofInput = async () =>
    inputId === null ? 0 : (await loadersOf(context).buildCounts.load({ inputId, sha256 })) - 1
  if (input === 'SAME') return ofInput()
  const [same, { buildCount }] = await Promise.all([
    input === 'ANY' ? 0 : ofInput(),
    loadOutput(context, sha256),
  ])
  return buildCount - 1 - same
}

/** The ids of a page of reproductions. Builds with one output, and of one input, share what is read. */
async function loadReproductionIds(
  context: Context,
  { id, inputId, mainBinarySha256: sha256 }: ComparedBuild,
  list: List,
  page: Page<StartCursor>,
): Promise<BuildId[]> {
  const { input } = list
  if (sha256 === null || (input === 'SAME' && inputId === null)) return []
  const { ids } = loadersOfList(context, list, page)
  const found = await ids.load({ inputId: input === 'ANY' ? null : inputId, sha256 })
  return pageOfReproductions(found, id, page)
}

type BuildWithVerdict = ComparedBuild & BuildConditions & { verdict: string }

/** The other outputs of the input of a build. Builds with one input share what is read. */
async function loadOtherOutputs(context: Context, build: BuildWithVerdict): Promise<OutputsOfInput> {
  const { inputId, mainBinarySha256, verdict } = build
  if (verdict !== 'NOT_REPRODUCIBLE' || inputId === null) return { newest: [], count: 0 }
  const { newest, count } = await loadersOf(context).outputsOfInputs.load(inputId)
  const others = newest.filter(({ sha256 }) => sha256 !== mainBinarySha256)
  return { newest: others.slice(0, maxOtherOutputs), count: count - 1 }
}

const Reproducibility = builder.objectRef<BuildWithVerdict>('Reproducibility').implement({
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
          const { job, platform, status, verdict, since, until, receivedSince } = args
          const order = args.order ?? 'STARTED'
          const list = {
            input: args.input ?? 'ANY',
            filter: { job, platform, status, verdict, since, until, receivedSince },
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
