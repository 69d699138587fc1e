import { randomBytes } from 'node:crypto'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import type { EventId, WebhookEndpointId } from '../ids.ts'
import { checkedEndpoint, type EndpointColumns, type EndpointInput } from './checked-endpoint.ts'
import { BadWebhookError, WebhookNotFoundError } from './endpoint-errors.ts'
import { readFilter } from './endpoint-filter.ts'
import { sealSecret } from './endpoint-secrets.ts'
import { deliverKind, enqueueDeliveries } from './enqueue-deliveries.ts'
import { newSecret, publicKeyText, secretText } from './signatures.ts'

/** What changes endpoints needs. `dataDir`: where the key of the site is. */
export type Managed = { writer: Writer; config: { dataDir: string } }

/** A new endpoint, or one with a new secret. The secret is shown once. */
export type ShownSecret = {
  id: WebhookEndpointId
  secret: string
  /** Ed25519; null: the endpoint has no such key. */
  publicKey: string | null
}

const maxEndpoints = 100
const dayMs = 24 * 3_600_000
/** So long a secret that was replaced is used beside the new one. */
export const rotationDays = 1

/** Adds an endpoint, which gets events from now on. `isAsymmetric`: it signs by Ed25519, too. Throws BadWebhookError. */
export function addEndpoint(
  { writer, config: { dataDir } }: Managed,
  { actor, at }: Act,
  { isAsymmetric = false, ...input }: EndpointInput & { url: string; isAsymmetric?: boolean },
): Promise<ShownSecret> {
  const columns = checkedEndpoint({ filter: {}, ...input })
  return writer.transact([], async (tx) => {
    if ((await tx.webhookEndpoint.count()) >= maxEndpoints)
      throw new BadWebhookError(`there are ${maxEndpoints} webhooks, which is the most: remove some first`)
    const seed = isAsymmetric ? randomBytes(32) : null
    const publicKey = seed && publicKeyText(seed)
    const { url = input.url, filter = '{}', ...more } = columns
    const { id } = await tx.webhookEndpoint.create({
      data: {
        ...{ description: '', format: 'STANDARD', ...more, url, filter, publicKey },
        // The number of the row is part of what its secrets are sealed for.
        ...{ secret: new Uint8Array(), state: 'ENABLED', createdAt: at },
        lastEventId: await newestEvent(tx),
      },
      select: { id: true },
    })
    const secret = newSecret()
    await tx.webhookEndpoint.update({
      where: { id },
      data: {
        secret: sealSecret(dataDir, id, 'secret', secret),
        signingSeed: seed && sealSecret(dataDir, id, 'seed', seed),
        ...accessTokenOf(dataDir, id, input),
      },
      select: { id: true },
    })
    await recordAudit(tx, { at, actor, action: 'webhook.add', target: String(id), detail: shownOf(columns) })
    return { id, secret: secretText(secret), publicKey }
  })
}

/**
 * What is absent stays, each part of the filter as well. `state` DISABLED: it gets nothing; ENABLED: it gets what happens from then
 * on. Throws BadWebhookError, WebhookNotFoundError.
 */
export function updateEndpoint(
  { writer, config: { dataDir } }: Managed,
  { actor, at }: Act,
  id: WebhookEndpointId,
  { state, ...input }: EndpointInput & { state?: 'ENABLED' | 'DISABLED' },
): Promise<void> {
  return writer.transact(['tasks'], async (tx) => {
    const endpoint = await findEndpoint(tx, id)
    const columns = checkedEndpoint(withKeptFilter(input, endpoint.filter))
    checkTokenStays(endpoint, columns, input)
    const isResumed = state === 'ENABLED' && endpoint.state !== 'ENABLED'
    await tx.webhookEndpoint.update({
      where: { id },
      data: {
        ...columns,
        ...accessTokenOf(dataDir, id, input),
        ...(state === undefined ? {} : { state, stateReason: null }),
        ...(isResumed
          ? { failureCount: 0, failingSince: null, pausedUntil: null, lastEventId: await newestEvent(tx) }
          : {}),
      },
      select: { id: true },
    })
    if (isResumed) await enqueueDeliveries(tx, [id], at)
    await recordAudit(tx, {
      ...{ at, actor, action: 'webhook.update', target: String(id) },
      detail: { ...shownOf(columns), ...(state === undefined ? {} : { state }) },
    })
  })
}

function withKeptFilter(input: EndpointInput, known: string): EndpointInput {
  if (input.filter === undefined) return input
  const given = Object.entries(input.filter).filter(([, values]) => values !== undefined)
  return { ...input, filter: { ...readFilter(known), ...Object.fromEntries(given) } }
}

/** Nobody is shown an access token: so no other site gets it either. */
function checkTokenStays(
  endpoint: { id: number; url: string; accessToken: Uint8Array | null },
  { url }: EndpointColumns,
  { accessToken }: EndpointInput,
): void {
  if (url === undefined || accessToken !== undefined || endpoint.accessToken === null) return
  const { host, origin } = new URL(endpoint.url)
  if (new URL(url).origin !== origin)
    throw new BadWebhookError(
      `the access token of webhook ${endpoint.id} is that of ${host}: give the one of the new address, too, or an empty one`,
    )
}

/** Removes an endpoint with the log of what was sent to it. Throws WebhookNotFoundError. */
export function removeEndpoint(
  { writer }: Pick<Managed, 'writer'>,
  act: Act,
  id: WebhookEndpointId,
): Promise<void> {
  const { actor, at } = act
  return writer.transact([], async (tx) => {
    const { url } = await findEndpoint(tx, id)
    await tx.webhookEndpoint.delete({ where: { id }, select: { id: true } })
    await tx.queuedTask.deleteMany({
      where: { kind: deliverKind, key: String(id), state: { not: 'RUNNING' } },
    })
    await recordAudit(tx, {
      at,
      actor,
      action: 'webhook.remove',
      target: String(id),
      detail: shownOf({ url }),
    })
  })
}

/**
 * Gives an endpoint a new secret. Requests are signed with both for a day, or with the new one alone (`isAtOnce`). Throws
 * WebhookNotFoundError.
 */
export function rotateSecret(
  { writer, config: { dataDir } }: Managed,
  { actor, at }: Act,
  id: WebhookEndpointId,
  { isAtOnce = false }: { isAtOnce?: boolean } = {},
): Promise<ShownSecret> {
  return writer.transact([], async (tx) => {
    const { secret: previous, publicKey, signingSeed } = await findEndpoint(tx, id)
    const secret = newSecret()
    // Of two at once, the second is one that nobody may know any more: so is the key of Ed25519.
    const seed = signingSeed && isAtOnce ? randomBytes(32) : null
    const shownKey = seed ? publicKeyText(seed) : publicKey
    await tx.webhookEndpoint.update({
      where: { id },
      data: {
        secret: sealSecret(dataDir, id, 'secret', secret),
        previousSecret: isAtOnce ? null : previous,
        previousSecretUntil: isAtOnce ? null : new Date(at.getTime() + rotationDays * dayMs),
        ...(seed ? { signingSeed: sealSecret(dataDir, id, 'seed', seed), publicKey: shownKey } : {}),
      },
      select: { id: true },
    })
    await recordAudit(tx, { at, actor, action: 'webhook.rotate', target: String(id), detail: { isAtOnce } })
    return { id, secret: secretText(secret), publicKey: shownKey }
  })
}

/** Throws WebhookNotFoundError. */
export async function findEndpoint(tx: Transaction, id: WebhookEndpointId) {
  const endpoint = await tx.webhookEndpoint.findUnique({ where: { id } })
  if (!endpoint) throw new WebhookNotFoundError(`there is no webhook ${id}: "hub webhooks list" lists them`)
  return endpoint
}

async function newestEvent(tx: Transaction): Promise<EventId> {
  const newest = await tx.event.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  return newest?.id ?? (0 as EventId)
}

const accessTokenOf = (dataDir: string, id: WebhookEndpointId, { accessToken }: EndpointInput) =>
  accessToken === undefined
    ? {}
    : {
        accessToken:
          accessToken === '' ? null : sealSecret(dataDir, id, 'access-token', Buffer.from(accessToken)),
      }

/** For the audit log. Some receivers have a secret in the address: everything behind the host. */
const shownOf = ({ url, ...columns }: EndpointColumns) => ({
  ...(url === undefined ? {} : { host: new URL(url).host }),
  ...columns,
})
