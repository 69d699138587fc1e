import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { serverActor as actor } from '../../../server/audit/actor.ts'
import { readConfig } from '../../../server/config.ts'
import type { Database } from '../../../server/database/connections.ts'
import { openPostgresql } from '../../../server/database/postgresql/open-postgresql.ts'
import { postgresqlDatabase } from '../../../server/database/postgresql/postgresql-database.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { systemClock as clock } from '../../../server/clock.ts'
import { createLog } from '../../../server/log.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { deliverWebhooksHandler } from '../../../server/webhooks/deliver-webhooks-handler.ts'
import { dispatchEventsHandler } from '../../../server/webhooks/dispatch-events-handler.ts'
import { addEndpoint } from '../../../server/webhooks/manage-endpoints.ts'
import { pingEndpoint } from '../../../server/webhooks/redeliver.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { emptyDatabase } from '../../database.ts'
import { testProgram } from '../../programs.ts'
import { copyTemplate } from '../../template.ts'
import { receiver } from './receiver.ts'

/** A database that another process opens, too: its file, or its address. */
async function sharedDatabase(dir: string): Promise<{ where: string; database: Database }> {
  if (inject('postgresqlUrl') === undefined) {
    const where = join(dir, 'test.sqlite3')
    copyTemplate(where)
    return { where, database: await openDatabase(where) }
  }
  const where = await emptyDatabase()
  await postgresqlDatabase(where, join(projectDir, 'prisma/postgresql')).migrate()
  return { where, database: openPostgresql(where) }
}

test('a server that is killed between an attempt and its row sends the event again, with the same id', async () => {
  const dir = temporaryDir()
  const { where, database } = await sharedDatabase(dir)
  onTestFinished(() => database.closeDatabase())
  const { url, received } = await receiver()
  const config = readConfig({ BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' })
  const deps = { ...database, config, clock, metrics: createMetrics(), log: createLog('silent') }
  const { id } = await addEndpoint(deps, { actor, at: clock.now() }, { url })
  await pingEndpoint(deps, { actor, at: clock.now() }, id)

  const child = spawn(process.execPath, [testProgram('killed-webhooks'), dir, where], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(received).toHaveLength(1)
  expect(await database.db.webhookDelivery.findMany()).toMatchObject([{ state: 'PENDING', attempts: 0 }])

  const handlers = [dispatchEventsHandler(deps), deliverWebhooksHandler(deps)]
  const runner = createTaskRunner(deps, handlers, { isAlone: true, drainMs: 0 })
  onTestFinished(() => runner.close())
  await runner.start()
  await expect
    .poll(() => database.db.webhookDelivery.findMany(), { timeout: 20_000 })
    .toMatchObject([{ state: 'DELIVERED', attempts: 1 }])
  expect(received).toHaveLength(2)
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
})
