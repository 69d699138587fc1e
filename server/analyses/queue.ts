import { Prisma } from '../generated/prisma/client.ts'
import type { AnalysisId } from '../ids.ts'
import type { Reader } from '../reader.ts'
import type { Transaction, Writer } from '../writer.ts'
import { analysedColumns, isAnalysisKind, type AnalysedBuild, type AnalysisKind } from './kind.ts'
import type { KindDefinition, KindRegistry } from './kind.ts'

const { sql, join } = Prisma

/** What an analysis is of; names one row. `debugSha256` is that of a second file, or empty. */
export type AnalysisKey = { kind: AnalysisKind; inputSha256: string; debugSha256: string }

/** Which analysis a kind makes of a build; null when the build has nothing for it. */
export function keyOf(
  kind: AnalysisKind,
  definition: KindDefinition,
  build: AnalysedBuild,
): AnalysisKey | null {
  const inputSha256 = definition.inputOf(build)
  return inputSha256 === null ? null : { kind, inputSha256, debugSha256: definition.debugOf?.(build) ?? '' }
}

/** A key as one text: `SOLO5:ab…`, with the second file `BINARY_SIZE:ab…:cd…`. */
export function nameOfKey({ kind, inputSha256, debugSha256 }: Record<keyof AnalysisKey, string>): string {
  return [kind, inputSha256, debugSha256].filter((part) => part !== '').join(':')
}

/** A row that is RUNNING for whoever was given it. */
export type ClaimedAnalysis = AnalysisKey & { id: AnalysisId; attempts: number }

/** How a run ended. `later`: what it failed of may be the machine's fault. */
export type RunOutcome =
  | { kind: 'ready'; version: number; result: { id: string; sizeBytes: number }; summary: string | null }
  | { kind: 'failed'; version: number; reason: string }
  | { kind: 'later'; reason: string; dueAt: Date }

/** The inputs of a build, one for each kind that has something to do. */
export function inputsOf(kinds: KindRegistry, build: AnalysedBuild): AnalysisKey[] {
  return Object.entries(kinds).flatMap(([kind, definition]) => {
    const key = isAnalysisKind(kind) ? keyOf(kind, definition, build) : null
    return key ? [key] : []
  })
}

/** Let them be run, unless they are known already. Raw SQL: Prisma has no upsert of many rows. */
export async function enqueue(tx: Transaction, keys: readonly AnalysisKey[], dueAt: Date): Promise<void> {
  if (keys.length === 0) return
  const rows = keys.map(
    ({ kind, inputSha256, debugSha256 }) =>
      sql`(${kind}, ${inputSha256}, ${debugSha256}, 'PENDING', ${dueAt})`,
  )
  await tx.$executeRaw(
    sql`INSERT INTO "Analysis" (kind, "inputSha256", "debugSha256", state, "dueAt") VALUES ${join(rows)}
      ON CONFLICT (kind, "inputSha256", "debugSha256") DO NOTHING`,
  )
}

const claimed = sql`id, kind, "inputSha256", "debugSha256", attempts`

async function claimWhere(tx: Transaction, ids: Prisma.Sql, now: Date): Promise<ClaimedAnalysis[]> {
  return tx.$queryRaw<ClaimedAnalysis[]>(
    sql`UPDATE "Analysis" SET state = 'RUNNING', "startedAt" = ${now},
        attempts = CASE state WHEN 'PENDING' THEN attempts + 1 ELSE 1 END
      WHERE id IN (${ids}) RETURNING ${claimed}`,
  )
}

/** Those that wait, in their order. */
export async function claimPending(
  tx: Transaction,
  kinds: KindRegistry,
  limit: number,
  now: Date,
): Promise<ClaimedAnalysis[]> {
  return claimWhere(
    tx,
    sql`SELECT id FROM "Analysis" WHERE state = 'PENDING' AND "dueAt" <= ${now}
      AND kind IN (${join(Object.keys(kinds))}) ORDER BY "dueAt", id LIMIT ${limit}`,
    now,
  )
}

/** Those with a result, or an error, of an older version of their kind. */
export async function claimOutdated(
  tx: Transaction,
  kinds: KindRegistry,
  limit: number,
  now: Date,
): Promise<ClaimedAnalysis[]> {
  for (const [kind, { version }] of Object.entries(kinds)) {
    const found = await claimWhere(
      tx,
      sql`SELECT id FROM "Analysis" WHERE kind = ${kind} AND version < ${version}
        AND state IN ('READY', 'FAILED') LIMIT ${limit}`,
      now,
    )
    if (found.length > 0) return found
  }
  return []
}

/** Of these, those that wait or are outdated; those without a row get one. */
export async function claimThese(
  tx: Transaction,
  kinds: KindRegistry,
  keys: readonly AnalysisKey[],
  now: Date,
): Promise<ClaimedAnalysis[]> {
  await enqueue(tx, keys, now)
  const conditions = keys.map(
    ({ kind, inputSha256, debugSha256 }) =>
      sql`(kind = ${kind} AND "inputSha256" = ${inputSha256} AND "debugSha256" = ${debugSha256} AND (state = 'PENDING' AND "dueAt" <= ${now}
        OR state IN ('READY', 'FAILED') AND version < ${kinds[kind]?.version ?? 0}))`,
  )
  return claimWhere(tx, sql`SELECT id FROM "Analysis" WHERE ${join(conditions, ' OR ')}`, now)
}

/** When the next one that waits may be run; null: none waits. */
export async function nextDueAt(db: Reader, kinds: KindRegistry): Promise<Date | null> {
  const first = await db.analysis.findFirst({
    where: { state: 'PENDING', kind: { in: Object.keys(kinds) } },
    orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    select: { dueAt: true },
  })
  return first?.dueAt ?? null
}

/** Write how a run ended. A failure takes the result of an older version away. */
export async function complete(
  tx: Transaction,
  id: AnalysisId,
  outcome: RunOutcome,
  finishedAt: Date,
): Promise<void> {
  const data: Prisma.AnalysisUpdateInput = { finishedAt }
  switch (outcome.kind) {
    case 'ready':
      data.state = 'READY'
      data.version = outcome.version
      data.error = null
      data.resultSha256 = outcome.result.id
      data.resultSizeBytes = outcome.result.sizeBytes
      data.summary = outcome.summary
      break
    case 'failed':
      data.state = 'FAILED'
      data.version = outcome.version
      data.error = outcome.reason
      data.resultSha256 = null
      data.resultSizeBytes = null
      data.summary = null
      break
    case 'later':
      data.state = 'PENDING'
      data.error = outcome.reason
      data.dueAt = outcome.dueAt
      break
  }
  await tx.analysis.update({ where: { id }, data, select: { id: true } })
}

/** Runs that ended without a result, and do not count: the server stopped, or its database was locked. */
export async function release(tx: Transaction, ids: readonly AnalysisId[]): Promise<void> {
  if (ids.length === 0) return
  await tx.$executeRaw(
    sql`UPDATE "Analysis" SET state = 'PENDING', attempts = attempts - 1 WHERE id IN (${join(ids)})`,
  )
}

/** Of runs that end for what may be the machine's fault. */
export const maxAttempts = 3

/** What a server that died was at waits again. The attempt counts: it may be what the server died of. */
export async function recover(tx: Transaction, kinds: KindRegistry, now: Date): Promise<void> {
  const reason = 'the server ended meanwhile'
  // With the version that failed: otherwise the row would be outdated, and tried again.
  for (const [kind, { version }] of Object.entries(kinds))
    await tx.$executeRaw(
      sql`UPDATE "Analysis" SET state = 'FAILED', version = ${version},
          error = ${`${reason}; it was tried ${maxAttempts} times`},
          "finishedAt" = ${now}, "resultSha256" = NULL, "resultSizeBytes" = NULL, summary = NULL
        WHERE kind = ${kind} AND state = 'RUNNING' AND attempts >= ${maxAttempts}`,
    )
  await tx.$executeRaw(
    sql`UPDATE "Analysis" SET state = 'PENDING', error = ${reason} WHERE state = 'RUNNING'`,
  )
}

/** Builds that are looked at at once. */
const backfillSize = 200

/** Note for each kind which builds are here already: uploads write rows for those that come after. */
export async function beginBackfills(tx: Transaction, kinds: KindRegistry): Promise<void> {
  const known = new Map((await tx.analysisBackfill.findMany()).map(({ kind, version }) => [kind, version]))
  const missing = Object.entries(kinds).filter(([kind, { version }]) => known.get(kind) !== version)
  if (missing.length > 0) await restartBackfills(tx, Object.fromEntries(missing))
}

/** Look at all builds again, from the newest on. */
export async function restartBackfills(tx: Transaction, kinds: KindRegistry): Promise<void> {
  const newest = await tx.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  for (const [kind, { version }] of Object.entries(kinds)) {
    // A row number that is none yet: the newest build itself is still to be seen.
    const facts = { version, seenBuildId: (newest ? newest.id + 1 : 0) as NonNullable<typeof newest>['id'] }
    await tx.analysisBackfill.upsert({ where: { kind }, create: { kind, ...facts }, update: facts })
  }
}

/** Enqueue what the next older builds have for a kind. False: all have been seen. */
export async function backfillSome(
  { db, writer }: { db: Reader; writer: Writer },
  kinds: KindRegistry,
  now: Date,
): Promise<boolean> {
  // Most of the time nothing is left: then nobody waits for a transaction.
  if (!(await findBackfill(db, kinds))) return false
  return writer.transact(async (tx) => {
    const backfill = await findBackfill(tx, kinds)
    if (!backfill) return false
    const { kind, seenBuildId } = backfill
    const builds = await tx.build.findMany({
      where: { id: { lt: seenBuildId } },
      orderBy: { id: 'desc' },
      take: backfillSize,
      select: { id: true, ...analysedColumns },
    })
    const definition = kinds[kind]
    const keys = definition ? builds.flatMap((build) => keyOf(kind, definition, build) ?? []) : []
    await enqueue(tx, [...new Map(keys.map((key) => [nameOfKey(key), key])).values()], now)
    const last = builds.at(-1)
    const seen = builds.length < backfillSize || !last ? 0 : last.id
    await tx.analysisBackfill.update({ where: { kind }, data: { seenBuildId: seen as typeof seenBuildId } })
    return true
  })
}

async function findBackfill(db: Reader, kinds: KindRegistry) {
  const found = await db.analysisBackfill.findFirst({
    where: { seenBuildId: { gt: 0 as never }, kind: { in: Object.keys(kinds) } },
    orderBy: { kind: 'asc' },
  })
  return found && isAnalysisKind(found.kind) ? { kind: found.kind, seenBuildId: found.seenBuildId } : null
}

/** The content of a result is missing: forget the result, unless it is another one by now. */
export async function forgetResult(
  tx: Transaction,
  { kind, inputSha256, debugSha256 }: AnalysisKey,
  resultSha256: string,
  now: Date,
): Promise<void> {
  await tx.analysis.updateMany({
    where: { kind, inputSha256, debugSha256, resultSha256 },
    data: {
      state: 'PENDING',
      attempts: 0,
      resultSha256: null,
      resultSizeBytes: null,
      summary: null,
      dueAt: now,
    },
  })
}
