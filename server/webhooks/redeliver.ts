import { randomUUID } from 'node:crypto'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { recordEvents } from '../event-log/record-events.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { BadWebhookError, DeliveryNotFoundError } from './endpoint-errors.ts'
import { enqueueDeliveries } from './enqueue-deliveries.ts'
import { beforeAll } from './list-deliveries.ts'
import { findEndpoint } from './manage-endpoints.ts'

/** Sends an event `test.ping` to an endpoint, whatever its types are. Throws WebhookNotFoundError, BadWebhookError. */
export function pingEndpoint(
  { writer }: { writer: Writer },
  { actor, at }: Act,
  id: WebhookEndpointId,
): Promise<WebhookDeliveryId> {
  return writer.transact(['tasks'], async (tx) => {
    checkEnabled(await findEndpoint(tx, id))
    const dedupeKey = `test.ping ${randomUUID()}`
    const places = { job: null, platform: null, build: null }
    await recordEvents(tx, [{ type: 'test.ping', dedupeKey, ...places, data: { endpoint: id } }], at)
    const { id: eventId } = await tx.event.findUniqueOrThrow({ where: { dedupeKey }, select: { id: true } })
    const delivery = await tx.webhookDelivery.create({
      data: { endpointId: id, eventId, state: 'PENDING', dueAt: beforeAll, createdAt: at },
      select: { id: true },
    })
    await deliverNow(tx, id, at)
    await recordAudit(tx, { at, actor, action: 'webhook.test', target: String(id) })
    return delivery.id
  })
}

/** Sends an event again, with the id that it had. Throws DeliveryNotFoundError, BadWebhookError. */
export function redeliver(
  { writer }: { writer: Writer },
  { actor, at }: Act,
  id: WebhookDeliveryId,
): Promise<void> {
  return writer.transact(['tasks'], async (tx) => {
    const delivery = await tx.webhookDelivery.findUnique({ where: { id }, include: { endpoint: true } })
    if (!delivery) throw new DeliveryNotFoundError(`there is no delivery ${id}`)
    checkEnabled(delivery.endpoint)
    await tx.webhookDelivery.update({
      where: { id },
      data: { state: 'PENDING', attempts: 0, dueAt: beforeAll },
      select: { id: true },
    })
    await deliverNow(tx, delivery.endpointId, at)
    await recordAudit(tx, { at, actor, action: 'webhook.redeliver', target: String(id) })
  })
}

/** Somebody waits: a pause of the endpoint counts no longer. */
async function deliverNow(tx: Transaction, id: WebhookEndpointId, at: Date): Promise<void> {
  await tx.webhookEndpoint.update({ where: { id }, data: { pausedUntil: null }, select: { id: true } })
  await enqueueDeliveries(tx, [id], at)
}

function checkEnabled({ id, state }: { id: number; state: string }): void {
  if (state !== 'ENABLED')
    throw new BadWebhookError(
      `webhook ${id} is disabled: enable it first ("hub webhooks update ${id} --enable")`,
    )
}
