import { randomUUID } from 'node:crypto'
import { hash, integer, timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { RunId, RunTryId } from '../ids.ts'
import { readRunDefinition, type RunDefinition } from './definition.ts'
import { endRun } from './end-try.ts'
import { readScripts } from './read-info.ts'
import { activeRunStates } from './run-state.ts'
import { sha256Of, storeScripts } from './schedule-input.ts'
import type { AssignedTry, ConnectedWorker } from './scheduler.ts'
import { scriptOf, type PlatformTemplates } from './script-of.ts'
import type { RegisteredWorker } from './worker-registry.ts'

const { sql, join, empty } = Prisma

/** A worker's wish for a run, as far as the database has to know it. */
export type Claimant = Pick<ConnectedWorker, 'name' | 'address' | 'userId'> & { registered: RegisteredWorker }

/** A try that was given to the claimant with that number. */
export type Claimed = {
  claimant: number
  id: RunTryId
  runId: RunId
  attempt: AssignedTry
  /** When a worker could have got it, had one asked. */
  waitingSince: Date
}

/** The worker's own limit wins, so that the files that it has so far are kept: its clock starts a little later. */
const graceMs = 60_000

/** How long a try may take before the hub ends it. */
export const tryLimitMs = ({ timeoutMs }: Pick<AssignedTry, 'timeoutMs'>) => timeoutMs + graceMs

type Candidate = {
  id: RunId
  uuid: string
  job: string
  definition: string
  tryCount: number
  priority: number
  position: number
  maxParallel: number
  avoidsWorker: string | null
  queuedAt: Date
  notBefore: Date | null
  /** Runs of the job that workers have now, anywhere, and on the platform. */
  runningOfJob: number
  runningHere: number
}

/**
 * Gives the next runs of a platform to claimants: by priority; among equals those of jobs that run least; then in the order of the
 * queue. No job runs more often on the platform at once than it may. One transaction writes at a time on both databases, so no row
 * is locked here. Costs the same number of statements for any number of claimants.
 */
export async function claimRuns(
  tx: Transaction,
  platform: string,
  claimants: readonly Claimant[],
  { templates, workerCount, now }: { templates: PlatformTemplates; workerCount: number; now: Date },
): Promise<Claimed[]> {
  const names = new Set(claimants.map(({ name }) => name))
  // Many that one worker avoids would hide from it what comes behind them.
  const avoider = names.size === 1 && workerCount > 1 ? (claimants[0]?.name ?? null) : null
  const hasTemplate = templates.build !== null
  const candidates = await findCandidates(tx, platform, {
    count: claimants.length,
    avoider,
    hasTemplate,
    now,
  })
  const picked = pickRuns(candidates, claimants, workerCount)
  if (picked.length === 0) return []
  const works = await withScripts(tx, platform, picked, templates, now)
  if (works.length === 0) return []
  const given = works.map((one) => ({
    ...one,
    uuid: one.run.tryCount === 0 ? one.run.uuid : randomUUID(),
    deadlineAt: new Date(now.getTime() + tryLimitMs({ timeoutMs: one.definition.timeoutSeconds * 1_000 })),
  }))
  const idOf = await writeTries(tx, given, now)
  return given.map(({ run, claimant, definition, script, uuid }) => ({
    ...{ claimant, id: idOf.get(uuid) as RunTryId, runId: run.id },
    waitingSince: run.notBefore && run.notBefore > run.queuedAt ? run.notBefore : run.queuedAt,
    attempt: {
      ...{ uuid, runUuid: run.uuid, job: run.job, platform, limits: definition.limits },
      ...{ script, timeoutMs: definition.timeoutSeconds * 1_000, assignedAt: now },
    },
  }))
}

type Given = Picked & Work & { uuid: string; deadlineAt: Date }

/** Returns the ids of the tries by their UUIDs. Raw SQL: fifty workers wait for Prisma's plan of fifty rows otherwise. */
async function writeTries(
  tx: Transaction,
  given: readonly Given[],
  now: Date,
): Promise<Map<string, RunTryId>> {
  const rows = given.map(
    ({ run, worker, script, uuid, deadlineAt }) =>
      sql`(${integer(run.id)}, ${integer(run.tryCount + 1)}, ${uuid}, ${integer(worker.registered.id)}, ${worker.name},
        ${worker.address}, ${integer(worker.userId)}, ${hash(sha256Of(script))}, 'ASSIGNED', ${timestamp(now)},
        ${timestamp(deadlineAt)})`,
  )
  const written = await tx.$queryRaw<{ id: RunTryId; uuid: string }[]>(
    sql`INSERT INTO "RunTry" ("runId", "number", uuid, "workerId", "workerName", address, "userId", "scriptSha256", state,
      "assignedAt", "deadlineAt") VALUES ${join(rows)} RETURNING id, uuid`,
  )
  await tx.$executeRaw(
    sql`UPDATE "Run" SET state = 'ASSIGNED', "queueKey" = NULL, "notBefore" = NULL, error = NULL, "startedAt" = ${timestamp(now)},
      "tryCount" = "tryCount" + 1 WHERE id IN (${join(given.map(({ run }) => run.id))})`,
  )
  return new Map(written.map(({ id, uuid }) => [uuid, Number(id) as RunTryId]))
}

async function findCandidates(
  tx: Transaction,
  platform: string,
  {
    count,
    avoider,
    hasTemplate,
    now,
  }: { count: number; avoider: string | null; hasTemplate: boolean; now: Date },
): Promise<Candidate[]> {
  const active = join([...activeRunStates])
  const kinds = join(hasTemplate ? ['SCRIPT', 'REBUILD', 'OPAM_PACKAGE'] : ['SCRIPT', 'REBUILD'])
  // Several runs of one job can be in the way of each other: only rebuilds are in a queue more than once.
  const limit = 2 * count + 8
  const isForAvoider =
    avoider === null ? empty : sql`AND (r."avoidsWorker" IS NULL OR r."avoidsWorker" <> ${avoider})`
  const rows = await tx.$queryRaw<(Omit<Candidate, 'runningOfJob' | 'runningHere'> & Counts)[]>(
    sql`SELECT r.id, r.uuid, r.job, r.definition, r."tryCount", r.priority, r.position, r."maxParallel", r."avoidsWorker",
        r."queuedAt", r."notBefore", COALESCE(a.n, 0) AS "runningOfJob", COALESCE(h.n, 0) AS "runningHere"
      FROM "Run" r
      LEFT JOIN (SELECT job, COUNT(*) AS n FROM "Run" WHERE state IN (${active}) GROUP BY job) a ON a.job = r.job
      LEFT JOIN (SELECT job, COUNT(*) AS n FROM "Run" WHERE state IN (${active}) AND platform = ${platform}
        GROUP BY job) h ON h.job = r.job
      WHERE r.state = 'QUEUED' AND r.platform = ${platform} AND r.kind IN (${kinds})
        AND (r."notBefore" IS NULL OR r."notBefore" <= ${now}) AND COALESCE(h.n, 0) < r."maxParallel" ${isForAvoider}
      ORDER BY r.priority, COALESCE(a.n, 0), r.position, r.id LIMIT ${limit}`,
  )
  return rows.map((row) => ({
    ...row,
    ...{ runningOfJob: Number(row.runningOfJob), runningHere: Number(row.runningHere) },
  }))
}

type Counts = { runningOfJob: number | bigint; runningHere: number | bigint }

/** A run for the claimant with that number. */
type Picked = { run: Candidate; claimant: number; worker: Claimant }

/** Chooses among candidates as if the claimants had come one after the other. */
function pickRuns(
  candidates: readonly Candidate[],
  claimants: readonly Claimant[],
  workerCount: number,
): Picked[] {
  const left = new Set(candidates)
  const added = new Map<string, number>()
  const addedOf = ({ job }: Candidate) => added.get(job) ?? 0
  const isFirst = (one: Candidate, other: Candidate) =>
    (one.priority - other.priority ||
      one.runningOfJob + addedOf(one) - other.runningOfJob - addedOf(other) ||
      one.position - other.position ||
      one.id - other.id) < 0
  const picked: Picked[] = []
  for (const [claimant, worker] of claimants.entries()) {
    let run: Candidate | null = null
    for (const one of left) {
      const mayRun = one.runningHere + addedOf(one) < one.maxParallel
      if (!mayRun || (one.avoidsWorker === worker.name && workerCount > 1)) continue
      if (run === null || isFirst(one, run)) run = one
    }
    if (run === null) continue
    picked.push({ run, claimant, worker })
    left.delete(run)
    added.set(run.job, addedOf(run) + 1)
  }
  return picked
}

type Work = { definition: RunDefinition; script: Uint8Array }

/**
 * Runs with their scripts; those that are made of a template are stored. One that cannot be read, as after a damaged restore, ends as
 * FAILED: it would be in the way of all others of all platforms.
 */
async function withScripts(
  tx: Transaction,
  platform: string,
  picked: readonly Picked[],
  templates: PlatformTemplates,
  now: Date,
): Promise<(Picked & Work)[]> {
  const broken = new Map<RunId, string>()
  const unlessBroken = <Value>({ id }: Candidate, read: () => Value): Value[] => {
    try {
      return [read()]
    } catch (error) {
      broken.set(
        id,
        `the hub cannot read what it builds: ${error instanceof Error ? error.message : String(error)}`,
      )
      return []
    }
  }
  const defined = picked.flatMap((one) =>
    unlessBroken(one.run, () => ({ ...one, definition: readRunDefinition(one.run.definition) })),
  )
  const stored = await readScripts(
    tx,
    defined.flatMap(({ definition: { work } }) => (work.kind === 'SCRIPT' ? [work.scriptSha256] : [])),
  )
  const made: Uint8Array[] = []
  const works = defined.flatMap((one) =>
    unlessBroken(one.run, () => {
      const { work } = one.definition
      if (work.kind === 'SCRIPT') return { ...one, script: stored(work.scriptSha256) }
      const script = scriptOf(work, { job: one.run.job, platform }, templates)
      made.push(script)
      return { ...one, script }
    }),
  )
  await storeScripts(tx, made, now)
  for (const [id, why] of broken) await endRun(tx, { id }, 'FAILED', why, now)
  return works
}
