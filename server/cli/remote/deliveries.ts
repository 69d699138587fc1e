import { graphql } from '../../generated/operations/gql.ts'
import type { DeliveryOfCommandFragment } from '../../generated/operations/graphql.ts'
import type { DeliveryState } from '../../webhooks/list-deliveries.ts'
import { DeliveryNotFoundError } from '../../webhooks/endpoint-errors.ts'
import type { PrintedAttempt, PrintedDelivery } from '../print-webhooks.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

export const deliveryFragment = graphql(`
  fragment DeliveryOfCommand on WebhookDelivery {
    id
    webhookId
    url
    eventId
    type
    happenedAt
    job
    platform
    build
    state
    attemptCount
    dueAt
    status
    error
    lastAttemptAt
    lastDurationMs
  }
`)

const listDocument = graphql(`
  query CommandDeliveries($first: Int, $after: String, $webhook: ID, $state: WebhookDeliveryState) {
    admin {
      webhookDeliveries(first: $first, after: $after, webhook: $webhook, state: $state) {
        nodes {
          ...DeliveryOfCommand
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandDelivery($id: ID!) {
    admin {
      webhookDelivery(id: $id) {
        delivery {
          ...DeliveryOfCommand
        }
        attempts {
          at
          method
          url
          requestHeaders
          requestBody
          status
          durationMs
          responseHead
          error
        }
      }
    }
  }
`)

const retryDocument = graphql(`
  mutation CommandRedeliver($id: ID!) {
    redeliverWebhook(id: $id) {
      ... on RedeliverWebhookSuccess {
        deliveryId
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

function toDelivery(found: DeliveryOfCommandFragment): PrintedDelivery {
  const { id, webhookId, url, eventId, type, happenedAt, job, platform, build } = found
  const { state, attemptCount, dueAt, status, error, lastAttemptAt, lastDurationMs } = found
  return {
    ...{ id: Number(id), state, attempts: attemptCount, nextAttemptAt: toDateOrNull(dueAt), status, error },
    event: { uuid: eventId, type, at: toDate(happenedAt), job, platform, build },
    webhook: { id: Number(webhookId), url },
    ...{ lastAttemptAt: toDateOrNull(lastAttemptAt), lastDurationMs },
  }
}

/** Deliveries, the newest first. */
export async function listDeliveriesAt(
  site: RemoteSite,
  { webhook, state }: { webhook: number | null; state: DeliveryState | null },
  limit: number,
): Promise<PrintedDelivery[]> {
  const asked = { webhook: webhook === null ? null : String(webhook), state }
  const found = await allItems(site, listDocument, asked, ({ admin }) => admin?.webhookDeliveries, limit)
  return found.map(toDelivery)
}

/** Says that there is no such delivery. */
export const noDelivery = (id: number) => `there is no delivery ${id}: "hub webhooks deliveries" lists them`

/** A delivery with its attempts. Throws DeliveryNotFoundError. */
export async function showDeliveryAt(
  site: RemoteSite,
  id: number,
): Promise<{ delivery: PrintedDelivery; attempts: PrintedAttempt[] }> {
  const { admin } = await site.ask(showDocument, { id: String(id) })
  if (!admin?.webhookDelivery) throw new DeliveryNotFoundError(noDelivery(id))
  const { attempts, delivery } = admin.webhookDelivery
  return {
    delivery: toDelivery(delivery),
    attempts: attempts.map(({ at, ...own }) => ({ ...own, at: toDate(at) })),
  }
}

export async function redeliverAt(site: RemoteSite, id: number): Promise<void> {
  await site.act(retryDocument, { id: String(id) })
}
