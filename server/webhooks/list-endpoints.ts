import type { Reader } from '../database/reader.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import type { WebhookEndpointId } from '../ids.ts'
import { readFilter, readTypes, type EndpointFilter } from './endpoint-filter.ts'
import { isEndpointFormat, type EndpointFormat } from './endpoint-format.ts'

/** ENABLED; DISABLED by an administrator; SUSPENDED by the hub. */
export type EndpointState = 'ENABLED' | 'DISABLED' | 'SUSPENDED'

/** An endpoint without its secrets. */
export type EndpointFacts = {
  id: WebhookEndpointId
  url: string
  description: string
  format: EndpointFormat
  /** null: all. */
  types: string[] | null
  filter: EndpointFilter
  state: EndpointState
  stateReason: string | null
  failureCount: number
  failingSince: Date | null
  pausedUntil: Date | null
  /** Until when the secret before counts, too; null: it does not. */
  previousSecretUntil: Date | null
  publicKey: string | null
  hasAccessToken: boolean
  createdAt: Date
  /** Deliveries that wait, and those that were given up. */
  pendingCount: number
  deadCount: number
}

/** All endpoints, by their number. Two statements. */
export async function listEndpoints(
  db: Reader,
  now: Date,
  where: Prisma.WebhookEndpointWhereInput = {},
): Promise<EndpointFacts[]> {
  const endpoints = await db.webhookEndpoint.findMany({ where, orderBy: { id: 'asc' } })
  const counts = await db.webhookDelivery.groupBy({
    by: ['endpointId', 'state'],
    where: { endpointId: { in: endpoints.map(({ id }) => id) }, state: { in: ['PENDING', 'DEAD'] } },
    _count: true,
  })
  const countOf = (id: WebhookEndpointId, state: string) =>
    counts.find((one) => one.endpointId === id && one.state === state)?._count ?? 0
  return endpoints.map((endpoint) => {
    const { id, url, description, format, types, filter, state, stateReason } = endpoint
    const { failureCount, failingSince, pausedUntil, previousSecretUntil: until, publicKey } = endpoint
    return {
      ...{ id, url, description, stateReason, failureCount, failingSince, pausedUntil, publicKey },
      format: isEndpointFormat(format) ? format : 'STANDARD',
      ...{ types: readTypes(types), filter: readFilter(filter), state: state as EndpointState },
      previousSecretUntil: until !== null && until > now ? until : null,
      hasAccessToken: endpoint.accessToken !== null,
      createdAt: endpoint.createdAt,
      ...{ pendingCount: countOf(id, 'PENDING'), deadCount: countOf(id, 'DEAD') },
    }
  })
}
