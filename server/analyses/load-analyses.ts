import DataLoader from 'dataloader'
import { LRUCache } from 'lru-cache'
import type * as z from 'zod'
import { toBlobId } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import type { QueuedTask } from '../generated/prisma/client.ts'
import type { AnalysedBuild, AnalysisKind, KindRegistry } from './kind.ts'
import { markVolatile } from '../volatile.ts'
import { groupBy } from '../group-by.ts'
import { perServer } from '../per-server.ts'
import { perOperation } from '../per-operation.ts'
import { nameOfTask } from '../runner/enqueue.ts'
import { keyOf, nameOfKey, taskOf, type AnalysisKey } from './analysis-key.ts'
import { parseStored } from './stored-results.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import type { Reader } from '../database/reader.ts'

/** An analysis as pages see it; `row` is its task, or null until the runner knows of it. */
export type AnalysisFacts = AnalysisKey & { row: QueuedTask | null }

/** READY as long as there is a result, also while it is made again. */
export type AnalysisState = 'PENDING' | 'RUNNING' | 'READY' | 'FAILED'

/** What of a row tells whether there is a result. */
type Outcome = Pick<QueuedTask, 'state' | 'version' | 'resultSha256'>

/** The state of an analysis, from its task. The only place that knows both. */
export function stateOf(
  kinds: KindRegistry,
  { kind, row }: { kind: AnalysisKind; row: Outcome | null },
): AnalysisState {
  if (!row) return 'PENDING'
  if (hasResult(kinds, kind, row)) return 'READY'
  if (row.state === 'FAILED' || row.state === 'DEAD') return 'FAILED'
  // DONE: the result has a shape that this version cannot read, so the analysis runs again.
  return row.state === 'RUNNING' ? 'RUNNING' : 'PENDING'
}

function hasResult(kinds: KindRegistry, kind: AnalysisKind, row: Outcome): boolean {
  return row.resultSha256 !== null && row.version >= (kinds[kind]?.readableSince ?? Infinity)
}

type Loading = Pick<Deps, 'analyses' | 'db'>
const analysisLoader = perOperation(
  (context: Loading) =>
    new DataLoader<AnalysisKey, AnalysisFacts, string>((keys) => findAnalyses(context, keys), {
      cacheKeyFn: nameOfKey,
    }),
)

/**
 * The state and result of an analysis. One SQL statement reads all analyses that an operation selects.
 * Missing or outdated analyses move to the front of the queue, and the response is marked as short-lived.
 */
export function loadAnalysis(context: Loading, key: AnalysisKey): Promise<AnalysisFacts> {
  return analysisLoader(context).load(key)
}

/** Like `loadAnalysis` for several analyses, but without the cache of the operation. */
export async function findAnalyses(context: Loading, keys: readonly AnalysisKey[]): Promise<AnalysisFacts[]> {
  const rows = await findRows(context.db, keys)
  return keys.map((key) => {
    const row = rows.get(nameOfKey(key)) ?? null
    noteLook(context, key, row)
    return { ...key, row }
  })
}

/** Prioritize an analysis that a page waits for. */
function noteLook(context: Loading, key: AnalysisKey, row: Outcome | null): void {
  const { kind } = key
  const { analyses } = context
  const state = stateOf(analyses.kinds, { kind, row })
  const isOutdated = row !== null && row.version < (analyses.kinds[kind]?.version ?? 0)
  if (state === 'PENDING' || isOutdated) analyses.prioritize(key)
  if (state === 'PENDING' || state === 'RUNNING') markVolatile(context)
}

async function findRows(db: Reader, keys: readonly AnalysisKey[]): Promise<Map<string, QueuedTask>> {
  const found = await Promise.all(
    slicesOf(keys, parametersPerStatement).map((slice) => {
      const byKind = groupBy(slice.map(taskOf), ({ kind }) => kind)
      return db.queuedTask.findMany({
        where: {
          OR: [...byKind].map(([kind, tasks]) => ({ kind, key: { in: tasks.map(({ key }) => key) } })),
        },
      })
    }),
  )
  return new Map(found.flat().map((row) => [nameOfTask(row), row]))
}

/** What a kind's analysis of a build says in short (`summarize`); null while, or when, there is no result. */
export async function loadSummary<Summary>(
  context: Loading,
  kind: AnalysisKind,
  shape: z.ZodType<Summary>,
  build: AnalysedBuild,
): Promise<Summary | null> {
  const facts = await loadAnalysisOf(context, kind, build)
  return facts && summaryOf(context, facts, shape, facts.row)
}

/** The same from columns of the row that an operation has read beside others; `row` is null when there is none. */
export function lookAtSummary<Summary>(
  context: Loading,
  key: AnalysisKey,
  shape: z.ZodType<Summary>,
  row: (Outcome & Pick<QueuedTask, 'summary'>) | null,
): Summary | null {
  noteLook(context, key, row)
  return summaryOf(context, key, shape, row)
}

/** A summary without the shape of its kind is made again with its result. */
export function summaryOf<Summary>(
  context: Loading,
  key: AnalysisKey,
  shape: z.ZodType<Summary>,
  row: (Outcome & Pick<QueuedTask, 'summary'>) | null,
): Summary | null {
  const { analyses } = context
  if (!row || row.summary === null || stateOf(analyses.kinds, { kind: key.kind, row }) !== 'READY')
    return null
  const summary = parseStored(shape, row.summary)
  if (summary === null && row.resultSha256 !== null) remake(context, key, row.resultSha256)
  return summary
}

function remake(context: Loading, key: AnalysisKey, resultSha256: string): void {
  markVolatile(context)
  context.analyses.remake(key, resultSha256)
}

/** By the hash of the result's JSON, which never changes. What is parsed takes a few times as much. */
const resultsOf = perServer(() => new LRUCache<string, { value: unknown }>({ maxSize: 16 * 1024 ** 2 }))

/**
 * The whole result of a kind's analysis of a build; null while, or when, there is none. Read from the
 * blob store, and kept for a while. A result that is missing or has another shape is made again.
 */
export async function loadResult<Result>(
  context: Loading & Pick<Deps, 'blobs'>,
  kind: AnalysisKind,
  shape: z.ZodType<Result>,
  build: AnalysedBuild,
): Promise<Result | null> {
  const facts = await loadAnalysisOf(context, kind, build)
  const { row } = facts ?? {}
  if (!facts || !row?.resultSha256 || stateOf(context.analyses.kinds, facts) !== 'READY') return null
  const results = resultsOf(context.analyses)
  const known = results.get(row.resultSha256)
  // Had this shape when it was read: the hash names the same bytes, and the same kind reads them.
  if (known) return known.value as Result
  const json = await unlessDamaged(readText(context.blobs, toBlobId(row.resultSha256)))
  const value = json === null ? null : parseStored(shape, json)
  if (json === null || value === null) {
    remake(context, facts, row.resultSha256)
    return null
  }
  results.set(row.resultSha256, { value }, { size: json.length + 1 })
  return value
}

/** Null: the build has nothing for this kind. */
export async function loadAnalysisOf(
  context: Loading,
  kind: AnalysisKind,
  build: AnalysedBuild,
): Promise<AnalysisFacts | null> {
  const definition = context.analyses.kinds[kind]
  const key = definition ? keyOf(kind, definition, build) : null
  return key && loadAnalysis(context, key)
}
