import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'
import { dispatchTask } from '../server/event-log/dispatch-task.ts'
import type { EventId } from '../server/ids.ts'
import { enqueue } from '../server/runner/enqueue.ts'
import { addEndpoint } from '../server/webhooks/manage-endpoints.ts'

/** What `--webhook-allow` has to be for the receiver of the demo. */
export const webhookAllow = 'external, 127.0.0.1'

/** So many of the last events are sent. */
const eventCount = 200

/**
 * Two webhooks to a receiver within the demo, one of which fails. They get the last events, as if they had been there when the builds
 * arrived. The receiver ends with the process.
 */
export async function addWebhooks(
  { config, db, writer }: Pick<Deps, 'config' | 'db' | 'writer'>,
  now: Date,
): Promise<void> {
  const receiver = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.statusCode = request.url === '/tickets' ? 500 : 200
      response.end(request.url === '/tickets' ? 'the database of tickets is read-only' : 'queued')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  receiver.unref()
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const managed = { config, writer }
  await addEndpoint(managed, byServer(now), {
    ...{ url: `${url}/chat`, description: 'the chat of the team', format: 'SLACK' },
    types: ['build.newly_failing', 'build.fixed', 'build.not_reproducible'],
  })
  await addEndpoint(managed, byServer(now), {
    ...{ url: `${url}/tickets`, description: 'a ticket for what fails', isAsymmetric: true },
    ...{ types: ['build.newly_failing'], filter: { jobs: ['dns-*'] } },
  })
  const newest = await db.event.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  const lastEventId = Math.max(0, (newest?.id ?? 0) - eventCount) as EventId
  await writer.transact(['tasks'], async (tx) => {
    await tx.webhookEndpoint.updateMany({ data: { lastEventId } })
    await enqueue(tx, [dispatchTask], now)
  })
}
