import type { Reader } from '../database/reader.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { methodOf } from './webhook-request.ts'

export const deliveryStates = ['PENDING', 'DELIVERED', 'DEAD'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** `dueAt` of what somebody waits for: it is sent before all others, since what is due for the longest time comes first. */
export const beforeAll = new Date(0)

export type DeliveryFilter = { endpointId?: WebhookEndpointId; state?: DeliveryState }

/** What lists show of a delivery: its event, its endpoint, and how long the last attempt took. */
const listed = {
  event: { select: { uuid: true, type: true, at: true, job: true, platform: true, build: true } },
  endpoint: { select: { id: true, url: true, description: true, state: true } },
  tries: { orderBy: { id: 'desc' }, take: 1, select: { at: true, durationMs: true } },
} as const

type Asked = {
  id?: { lt?: WebhookDeliveryId; gt?: WebhookDeliveryId }
  orderBy: { id: 'asc' | 'desc' }
  take: number
}

/** Deliveries in a range of numbers. */
export const findDeliveries = (db: Reader, filter: DeliveryFilter, { id, ...asked }: Asked) =>
  db.webhookDelivery.findMany({
    ...asked,
    where: { ...filter, ...(id ? { id } : {}) },
    omit: { requestBody: true },
    include: listed,
  })

/** When the next attempt of a delivery is made; null: at once, or never. */
export const nextAttemptAt = ({ state, dueAt }: { state: string; dueAt: Date }): Date | null =>
  state === 'PENDING' && dueAt > beforeAll ? dueAt : null

export type ListedDelivery = Awaited<ReturnType<typeof findDeliveries>>[number]

/** A delivery with all its attempts, the newest first, 100 at most; null: there is none. */
export async function findDelivery(db: Reader, id: WebhookDeliveryId) {
  const found = await db.webhookDelivery.findUnique({
    where: { id },
    include: { ...listed, tries: { orderBy: { id: 'desc' }, take: 100 } },
  })
  if (!found) return null
  const { requestBody: shared, tries, ...delivery } = found
  return {
    ...delivery,
    tries: tries.map(({ requestBody, ...attempt }) => ({
      ...attempt,
      method: methodOf(attempt.url, found.event.uuid),
      /** Empty: no request was made. */
      requestBody: requestBody ?? shared ?? '',
    })),
  }
}

export type WholeDelivery = NonNullable<Awaited<ReturnType<typeof findDelivery>>>
export type ShownAttempt = WholeDelivery['tries'][number]
