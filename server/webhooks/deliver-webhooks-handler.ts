import type { Config } from '../config.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { TaskFailedError, type TaskHandler } from '../runner/handler.ts'
import { attemptDelivery, type Attempt } from './attempt-delivery.ts'
import { outcomeOf } from './delivery-outcome.ts'
import { deliverKind } from './enqueue-deliveries.ts'
import { tellOfSuspension } from './tell-of-suspension.ts'

/** What a run has done: nothing is due for `pauseMs`, or nothing waits (null); or it has made an attempt. */
type Run =
  | { attempt: null; pauseMs: number | null }
  | {
      attempt: Attempt
      delivery: { id: WebhookDeliveryId; attempts: number; requestBody: string | null }
      endpointId: WebhookEndpointId
      random: number
    }

/** A run that finds nothing looks again so late at most: somebody may have set the clock. */
const longestPauseMs = 3_600_000

/**
 * Sends events to an endpoint, whose number is the key of the task: one attempt in a run, the delivery that is due for the longest
 * time first. So each endpoint has one request at a time, and a slow one keeps one of four places for 20 seconds at most. The
 * attempt is written in the transaction that completes the run. If the server dies before, the event is sent again with the same id.
 */
export function deliverWebhooksHandler(
  deps: Pick<Deps, 'clock' | 'config' | 'db' | 'metrics'>,
  { timeoutMs = 20_000 }: { timeoutMs?: number } = {},
): TaskHandler<Run> {
  const { clock, config, db, metrics } = deps
  return {
    ...{ kind: deliverKind, version: 1, slots: { max: 4 }, yieldsToUploads: false },
    ...{ maxAttempts: 1_000, retryPauseMs: 5_000 },
    async run({ key }) {
      const endpointId = Number(key) as WebhookEndpointId
      if (!Number.isSafeInteger(endpointId)) throw new TaskFailedError(`${key} is no number of a webhook`)
      const endpoint = await db.webhookEndpoint.findUnique({ where: { id: endpointId } })
      if (endpoint?.state !== 'ENABLED') return { attempt: null, pauseMs: null }
      const delivery = await db.webhookDelivery.findFirst({
        where: { endpointId, state: 'PENDING' },
        orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
        include: { event: true },
      })
      if (!delivery) return { attempt: null, pauseMs: null }
      const now = clock.now()
      const dueAt = Math.max(delivery.dueAt.getTime(), endpoint.pausedUntil?.getTime() ?? 0)
      const pauseMs = Math.min(dueAt - now.getTime(), longestPauseMs)
      if (pauseMs > 0) return { attempt: null, pauseMs }
      const attempt = await attemptDelivery(deps, endpoint, delivery.event, timeoutMs)
      const { id, attempts, requestBody } = delivery
      return { attempt, delivery: { id, attempts, requestBody }, endpointId, random: Math.random() }
    },
    record(run) {
      if (run.attempt) return { isPartial: true }
      return run.pauseMs === null ? {} : { isPartial: true, pauseMs: run.pauseMs }
    },
    // Mails tell of an endpoint that is suspended.
    changes: (run) => (run?.attempt?.error == null ? [] : ['tasks']),
    async complete(tx, _task, run) {
      if (run.attempt) await writeAttempt(tx, config, run)
    },
    kept(run) {
      if (run.attempt)
        metrics.webhookDeliveries.inc({ outcome: run.attempt.error === null ? 'delivered' : 'failed' })
      return Promise.resolve()
    },
  }
}

/** The endpoint may have been removed meanwhile, with its deliveries. */
async function writeAttempt(
  tx: Transaction,
  config: Config,
  { attempt, delivery, endpointId, random }: Extract<Run, { attempt: Attempt }>,
): Promise<void> {
  const endpoint = await tx.webhookEndpoint.findUnique({
    where: { id: endpointId },
    select: { url: true, state: true, failureCount: true, failingSince: true },
  })
  if (!endpoint) return
  const outcome = outcomeOf(attempt, delivery, endpoint, random)
  const { retryAfter: _retryAfter, requestBody: body, ...columns } = attempt
  const kept = delivery.requestBody ?? (body === '' ? null : body)
  const { count } = await tx.webhookDelivery.updateMany({
    where: { id: delivery.id },
    data: { ...outcome.delivery, requestBody: kept },
  })
  if (count === 0) return
  const requestBody = body === kept ? null : body
  await tx.webhookAttempt.create({
    data: { ...columns, requestBody, deliveryId: delivery.id },
    select: { id: true },
  })
  await tx.webhookEndpoint.update({
    where: { id: endpointId },
    data: outcome.endpoint,
    select: { id: true },
  })
  const { stateReason: reason } = outcome.endpoint
  if (reason !== undefined)
    await tellOfSuspension(tx, config, attempt.at, { id: endpointId, url: endpoint.url, reason })
}
