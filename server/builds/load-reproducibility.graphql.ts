import DataLoader from 'dataloader'
import { passTurn } from '../graphql/bounded-answers.ts'
import type { Context } from '../graphql/builder.ts'
import type { BuildId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { GradedOutput } from '../policy/grade.ts'
import { perOperation } from '../per-operation.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import type { StartCursor } from '../start-cursor.ts'
import {
  type BuildConditions,
  areListed,
  countBuildsOfOutputs,
  countListed,
  findConditionsOfOutputs,
  findOutputsOfInputs,
  findPlatformsOfOutputs,
  findReproductions,
  findUploadersOfOutputs,
  pageOfReproductions,
  type ComparedBuild,
  type OutputOfInput,
  type OutputsOfInput,
  type PlatformsOfOutput,
  type ReproductionList as List,
} from './reproducibility.ts'
import type { OutputCounts } from './verdict.ts'

export const maxOtherOutputs = 20

export type LoadedOutput = OutputCounts & GradedOutput

const outputLoader = perOperation(
  ({ db }: Context) =>
    new DataLoader<string, LoadedOutput>(async (hashes) => {
      const found = await db.output.findMany({ where: { sha256: { in: [...hashes] } } })
      const byHash = new Map(found.map((output) => [output.sha256, output]))
      return hashes.map((hash) => byHash.get(hash) ?? new Error(`output ${hash} is missing`))
    }),
)

/** Loads the counts of main binaries by their hashes. An operation reads each of them once. */
export function loadOutput(context: Context, sha256: string): Promise<LoadedOutput> {
  return outputLoader(context).load(sha256)
}

const outputKey = ({ inputId, sha256 }: OutputOfInput) => `${inputId} ${sha256}`

/** Outputs, and their builds, that the fields of an operation load together: a list costs as much as one build. */
export const loadersOf = perOperation((context: Context) => {
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

export async function countReproductions(
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
export async function loadReproductionIds(
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

export type BuildWithVerdict = ComparedBuild & BuildConditions & { verdict: string }

/** The other outputs of the input of a build. Builds with one input share what is read. */
export async function loadOtherOutputs(context: Context, build: BuildWithVerdict): Promise<OutputsOfInput> {
  const { inputId, mainBinarySha256, verdict } = build
  if (verdict !== 'NOT_REPRODUCIBLE' || inputId === null) return { newest: [], count: 0 }
  const { newest, count } = await loadersOf(context).outputsOfInputs.load(inputId)
  const others = newest.filter(({ sha256 }) => sha256 !== mainBinarySha256)
  return { newest: others.slice(0, maxOtherOutputs), count: count - 1 }
}
