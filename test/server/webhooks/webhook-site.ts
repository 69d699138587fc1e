import { onTestFinished } from 'vitest'
import { serverActor } from '../../../server/audit/actor.ts'
import { readConfig } from '../../../server/config.ts'
import { pruneEventsHandler } from '../../../server/event-log/prune-events-handler.ts'
import type { EventType } from '../../../server/event-log/event-types.ts'
import { dispatchTask } from '../../../server/event-log/dispatch-task.ts'
import { recordEvents, type NewEvent } from '../../../server/event-log/record-events.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { createLog } from '../../../server/log.ts'
import { enqueue } from '../../../server/runner/enqueue.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import type { EndpointInput } from '../../../server/webhooks/checked-endpoint.ts'
import { deliverWebhooksHandler } from '../../../server/webhooks/deliver-webhooks-handler.ts'
import { dispatchEventsHandler } from '../../../server/webhooks/dispatch-events-handler.ts'
import { addEndpoint } from '../../../server/webhooks/manage-endpoints.ts'
import { temporaryDir } from '../../app.ts'
import { freshDatabase } from '../../database.ts'
import { fakeClock } from '../runner/fake-clock.ts'

/** A database with webhooks, and a server that delivers them. Time stands still until a test moves it. */
export async function webhookSite({
  allow = 'external, 127.0.0.0/8',
  timeoutMs = 20_000,
  env = {},
}: { allow?: string; timeoutMs?: number; env?: Record<string, string> } = {}) {
  const dir = temporaryDir()
  const clock = fakeClock()
  const database = await freshDatabase(dir)
  const { db, writer } = database
  const config = readConfig({
    ...{ BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_WEBHOOK_ALLOW: allow },
    ...{ BUILDER_HUB_PUBLIC_URL: 'https://hub.example', ...env },
  })
  const deps = { ...database, config, clock, metrics: createMetrics(), log: createLog('silent') }
  const handlers = [
    dispatchEventsHandler(deps),
    deliverWebhooksHandler(deps, { timeoutMs }),
    pruneEventsHandler(deps),
  ]
  const runner = createTaskRunner(deps, handlers, { clock, random: () => 1, drainMs: 0 })
  onTestFinished(async () => {
    await runner.close()
    await database.closeDatabase()
  })
  let number = 0
  return {
    ...{ db, writer, config, clock, metrics: deps.metrics, deps },
    start: () => runner.start(),
    act: () => ({ actor: serverActor, at: clock.now() }),
    add: (input: EndpointInput & { url: string; isAsymmetric?: boolean }) =>
      addEndpoint(deps, { actor: serverActor, at: clock.now() }, input),
    /** Something happens. */
    happen: (type: EventType, more: Partial<NewEvent> = {}) =>
      writer.transact(['tasks'], async (tx) => {
        const none = { job: null, platform: null, build: null, data: { text: 'a test' } }
        await recordEvents(tx, [{ type, dedupeKey: `test ${++number}`, ...none, ...more }], clock.now())
        await enqueue(tx, [dispatchTask], clock.now())
      }),
    deliveries: () =>
      db.webhookDelivery.findMany({ orderBy: { id: 'asc' }, include: { event: true, tries: true } }),
    endpoint: () => db.webhookEndpoint.findFirstOrThrow(),
  }
}
