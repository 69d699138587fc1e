import { counted } from '../counted.ts'
import type { WebhookAttempt } from '../generated/prisma/client.ts'
import { visibleText } from '../visible-text.ts'
import type { ListedDelivery } from '../webhooks/list-deliveries.ts'
import type { EndpointFacts } from '../webhooks/list-endpoints.ts'

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
  return `${visibleText(parts.join('; '))}\n`
}

/** `17 build.failed of hello on debian-12 to webhook 3: delivered, 1 attempt, 200, 2026-…`. */
export function describeDelivery(delivery: Omit<ListedDelivery, 'tries'>): string {
  const { id, event, endpoint, state, attempts, status, error, dueAt } = delivery
  const place =
    event.job === null ? '' : ` of ${event.job}${event.platform === null ? '' : ` on ${event.platform}`}`
  const parts = [
    `${state.toLowerCase()}, ${counted(attempts, 'attempt')}`,
    ...(error !== null ? [error] : status === null ? [] : [`answered ${status}`]),
    ...(state === 'PENDING' ? [`next attempt ${dueAt.toISOString()}`] : []),
  ]
  return `${visibleText(`${id} ${event.at.toISOString()} ${event.type}${place} to webhook ${endpoint.id}: ${parts.join('; ')}`)}\n`
}

/** An attempt with its request and its answer, each line with two spaces before. */
export function describeAttempt(attempt: WebhookAttempt): string {
  const { at, url, requestHeaders, requestBody, status, durationMs, responseHead, error } = attempt
  const headers = Object.entries(JSON.parse(requestHeaders) as Record<string, string>)
  const lines = [
    `${at.toISOString()} after ${durationMs} ms: ${error ?? `answered ${status}`}`,
    `> ${url}`,
    ...headers.map(([name, value]) => `> ${name}: ${value}`),
    `> ${requestBody}`,
    ...(responseHead === null ? [] : responseHead.split('\n').map((line) => `< ${line}`)),
  ]
  return `${lines.map((line) => `  ${visibleText(line)}`).join('\n')}\n`
}
