import type { Transaction } from '../database/writer.ts'
import type { WebhookEndpointId } from '../ids.ts'
import { enqueue, type NewTask } from '../runner/enqueue.ts'

export const deliverKind = 'DELIVER_WEBHOOKS'

/** Lets the hub look for what waits for these endpoints. One task of each runs at a time. */
export function enqueueDeliveries(
  tx: Transaction,
  endpointIds: readonly WebhookEndpointId[],
  now: Date,
): Promise<void> {
  const tasks = endpointIds.map((id): NewTask => ({
    kind: deliverKind,
    key: String(id),
    ifKnown: 'runAgain',
  }))
  return enqueue(tx, tasks, now)
}
