import { setTimeout as sleep } from 'node:timers/promises'
import type { Act } from '../audit/actor.ts'
import type { Database } from '../database/connections.ts'
import type { BuildId } from '../ids.ts'
import { slicesOf } from '../slices.ts'
import { auditRemoval } from './audit-removal.ts'
import { judgeBuilds } from './judge-builds.ts'
import type { Keep, StayReason } from './keep.ts'
import { checkFactsKnown } from './known-facts.ts'
import type { Place } from './places.ts'
import { buildsPerTransaction, removeBuilds } from './remove-builds.ts'

/** What is to stay of a place, and the reason that tombstones give. Places that are not in a plan are left alone. */
export type PlannedPlace = { place: Place; keep: Keep; reason: string }

export type VacuumStep = { place: Place; removedCount: number; lookedAtCount: number }

export type VacuumOptions = {
  now: Date
  /** Uploads wait for a transaction so long. */
  transactionMs?: number
  /** After a transaction that took so long, how long uploads have their turn. */
  restMs?: (tookMs: number) => number
}

/**
 * Removes builds, place by place, in small transactions. Yields after each transaction, and after each page of builds of
 * which all stay; to stop early, leave the loop. It can be stopped at any point, also by the end of the process, and
 * begun again: the end is the same. Throws FactsUnknownError.
 */
export async function* vacuum(
  { db, writer }: Pick<Database, 'db' | 'writer'>,
  plan: readonly PlannedPlace[],
  { now, transactionMs, restMs = () => 0 }: VacuumOptions,
): AsyncGenerator<VacuumStep, void, void> {
  // Facts that are marked later are seen in the transactions.
  await checkFactsKnown(db)
  for (const { place, keep, reason } of plan) {
    for await (const page of judgeBuilds(db, place, keep, now)) {
      const lookedAtCount = page.length
      const ids = page.filter(({ stays }) => stays === null).map(({ id }) => id)
      if (ids.length === 0) yield { place, removedCount: 0, lookedAtCount }
      let waiting: BuildId[] = ids
      while (waiting.length > 0) {
        const [slice = []] = slicesOf(waiting, buildsPerTransaction)
        const startedAt = performance.now()
        const { removed, notReached } = await removeBuilds(
          writer,
          slice,
          { reason, removedAt: now },
          { leavesNewest: true, ...(transactionMs === undefined ? {} : { transactionMs }) },
        )
        const tookMs = performance.now() - startedAt
        waiting = [...notReached, ...waiting.slice(slice.length)]
        yield { place, removedCount: removed.length, lookedAtCount: waiting.length === 0 ? lookedAtCount : 0 }
        if (restMs(tookMs) > 0) await sleep(restMs(tookMs))
      }
    }
  }
}

/** As `vacuum`, with an entry in the audit log (`auditRemoval`). `target`: the rule, or the file of the policy. */
export function auditedVacuum(
  database: Pick<Database, 'db' | 'writer'>,
  act: Act,
  target: string,
  plan: readonly PlannedPlace[],
  options: Omit<VacuumOptions, 'now'>,
): AsyncGenerator<VacuumStep, void, void> {
  const removal = { action: 'retention.apply', target, removedCountOf } as const
  return auditRemoval(database, act, removal, vacuum(database, plan, { now: act.at, ...options }))
}

const removedCountOf = ({ removedCount }: VacuumStep) => removedCount

export type PlaceForecast = {
  place: Place
  buildCount: number
  removedCount: number
  stays: Record<StayReason, number>
}

/** How many builds of each place `vacuum` would remove, and why the others stay. Changes nothing. Throws FactsUnknownError. */
export async function* forecastVacuum(
  { db }: Pick<Database, 'db'>,
  plan: readonly PlannedPlace[],
  now: Date,
): AsyncGenerator<PlaceForecast> {
  await checkFactsKnown(db)
  for (const { place, keep } of plan) {
    const forecast = {
      ...{ place, buildCount: 0, removedCount: 0 },
      stays: { rule: 0, output: 0, newest: 0, pinned: 0 },
    }
    for await (const page of judgeBuilds(db, place, keep, now)) {
      forecast.buildCount += page.length
      for (const { stays } of page) {
        if (stays === null) forecast.removedCount++
        else forecast.stays[stays]++
      }
    }
    yield forecast
  }
}
