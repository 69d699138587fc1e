import { counted } from '../counted.ts'
import { nextAttemptAt, type ListedDelivery, type ShownAttempt } from '../webhooks/list-deliveries.ts'
import type { EndpointFacts } from '../webhooks/list-endpoints.ts'
import { linesOfHeaders } from '../webhooks/request-headers.ts'
import { visibleLine } from './visible-line.ts'

/** `3 https://… enabled, slack: build.failed; jobs web*; 2 deliveries wait`. */
export function describeEndpoint(endpoint: EndpointFacts): string {
  const { id, url, description, state, stateReason, format, types, filter } = endpoint
  const { failureCount, failingSince, pendingCount, deadCount, publicKey } = endpoint
  const filters = Object.entries(filter).flatMap(([name, values]) =>
    values === null ? [] : [`${name} ${values.join(', ')}`],
  )
  const parts = [
    `${id} ${url}${description === '' ? '' : ` (${description})`}`,
    `${state.toLowerCase()}${stateReason === null ? '' : `: ${stateReason}`}`,
    `${format.toLowerCase()}, ${types === null ? 'all events' : types.join(', ')}`,
    ...filters,
    ...(publicKey === null ? [] : [publicKey]),
    ...(failingSince === null
      ? []
      : [`${counted(failureCount, 'attempt')} failed since ${failingSince.toISOString()}`]),
    ...(pendingCount === 0 ? [] : [`waiting: ${pendingCount}`]),
    ...(deadCount === 0 ? [] : [`given up: ${deadCount}`]),
  ]
  return visibleLine(parts.join('; '))
}

/** A webhook as JSON has it. */
export function shownEndpoint(webhook: EndpointFacts): EndpointFacts {
  const { id, url, description, stateReason, failureCount, failingSince, pausedUntil } = webhook
  const { publicKey, format, types, filter, state, previousSecretUntil } = webhook
  const { jobs, platforms, sections, results, verdicts } = filter
  const { hasAccessToken, createdAt, pendingCount, deadCount } = webhook
  return {
    ...{ id, url, description, stateReason, failureCount, failingSince, pausedUntil },
    ...{ publicKey, format, types, filter: { jobs, platforms, sections, results, verdicts }, state },
    ...{ previousSecretUntil, hasAccessToken, createdAt, pendingCount, deadCount },
  }
}

/** What commands print of a delivery. `nextAttemptAt` is null: at once, or never. */
export type PrintedDelivery = Pick<ListedDelivery, 'state' | 'attempts' | 'status' | 'error' | 'event'> & {
  id: number
  nextAttemptAt: Date | null
  webhook: { id: number; url: string }
  lastAttemptAt: Date | null
  lastDurationMs: number | null
}

/** Of rows of the database. */
export function toPrintedDelivery(
  row: Omit<ListedDelivery, 'tries'> & { tries: LastTry[] },
): PrintedDelivery {
  const { id, state, attempts, status, error, event, endpoint, tries } = row
  const [last] = tries
  return {
    ...{ id, state, attempts, status, error, event, nextAttemptAt: nextAttemptAt(row) },
    webhook: { id: endpoint.id, url: endpoint.url },
    ...{ lastAttemptAt: last?.at ?? null, lastDurationMs: last?.durationMs ?? null },
  }
}

type LastTry = { at: Date; durationMs: number }

/** A delivery as JSON has it. */
export function shownDelivery(delivery: PrintedDelivery): PrintedDelivery {
  const { id, state, attempts, status, error, nextAttemptAt: next, webhook } = delivery
  const { uuid, type, at, job, platform, build } = delivery.event
  const { lastAttemptAt, lastDurationMs } = delivery
  return {
    ...{ id, state, attempts, status, error, event: { uuid, type, at, job, platform, build } },
    ...{ webhook: { id: webhook.id, url: webhook.url }, nextAttemptAt: next, lastAttemptAt, lastDurationMs },
  }
}

/** `17 build.failed of hello on debian-12 to webhook 3: delivered, 1 attempt, 200, 2026-…`. */
export function describeDelivery(delivery: PrintedDelivery): string {
  const { id, event, webhook, state, attempts, status, error } = delivery
  const place =
    event.job === null ? '' : ` of ${event.job}${event.platform === null ? '' : ` on ${event.platform}`}`
  const parts = [
    `${state.toLowerCase()}, ${counted(attempts, 'attempt')}`,
    ...(error !== null ? [error] : status === null ? [] : [`answered ${status}`]),
    ...(state === 'PENDING' ? [`next attempt ${delivery.nextAttemptAt?.toISOString() ?? 'at once'}`] : []),
  ]
  return visibleLine(
    `${id} ${event.at.toISOString()} ${event.type}${place} to webhook ${webhook.id}: ${parts.join('; ')}`,
  )
}

/** What commands print of an attempt. Each header as `name: value`. */
export type PrintedAttempt = Pick<
  ShownAttempt,
  'at' | 'url' | 'requestBody' | 'status' | 'durationMs' | 'responseHead' | 'error'
> & { method: string; requestHeaders: readonly string[] }

/** Of rows of the database. */
export const toPrintedAttempt = ({ requestHeaders, ...own }: ShownAttempt): PrintedAttempt => ({
  ...{ ...own, requestHeaders: linesOfHeaders(requestHeaders) },
})

/** An attempt as JSON has it. */
export function shownAttempt(attempt: PrintedAttempt): PrintedAttempt {
  const { at, method, url, requestHeaders, requestBody, status, durationMs, responseHead, error } = attempt
  return { at, method, url, requestHeaders, requestBody, status, durationMs, responseHead, error }
}

/** An attempt with its request and its answer, each line with two spaces before. */
export function describeAttempt(attempt: PrintedAttempt): string {
  const { at, method, url, requestHeaders, requestBody, status, durationMs, responseHead, error } = attempt
  const lines = [
    `${at.toISOString()} after ${durationMs} ms: ${error ?? `answered ${status}`}`,
    `> ${method} ${url}`,
    ...requestHeaders.map((line) => `> ${line}`),
    ...(requestBody === '' ? [] : [`> ${requestBody}`]),
    ...(responseHead === null ? [] : responseHead.split('\n').map((line) => `< ${line}`)),
  ]
  return lines.map((line) => visibleLine(`  ${line}`)).join('')
}
