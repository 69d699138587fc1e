import type { Reader } from '../database/reader.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'

export const deliveryStates = ['PENDING', 'DELIVERED', 'DEAD'] as const
export type DeliveryState = (typeof deliveryStates)[number]

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
  db.webhookDelivery.findMany({ ...asked, where: { ...filter, ...(id ? { id } : {}) }, include: listed })

export type ListedDelivery = Awaited<ReturnType<typeof findDeliveries>>[number]

/** A delivery with all its attempts, the newest first, 100 at most; null: there is none. */
export const findDelivery = (db: Reader, id: WebhookDeliveryId) =>
  db.webhookDelivery.findUnique({
    where: { id },
    include: { ...listed, tries: { orderBy: { id: 'desc' }, take: 100 } },
  })

export type WholeDelivery = NonNullable<Awaited<ReturnType<typeof findDelivery>>>
