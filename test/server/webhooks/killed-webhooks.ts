// A server that is killed after the receiver of a webhook has answered, and before that is written.
//
//   node dist/test/killed-webhooks.mjs DATA_DIR DATABASE
import { readConfig } from '../../../server/config.ts'
import { openPostgresql } from '../../../server/database/postgresql/open-postgresql.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { createLog } from '../../../server/log.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { systemClock as clock } from '../../../server/clock.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { deliverWebhooksHandler } from '../../../server/webhooks/deliver-webhooks-handler.ts'
import { dispatchEventsHandler } from '../../../server/webhooks/dispatch-events-handler.ts'

const [dataDir = '', where = ''] = process.argv.slice(2)
const database = where.startsWith('postgresql:') ? openPostgresql(where) : await openDatabase(where)
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' })
const deps = { ...database, config, clock, metrics: createMetrics(), log: createLog('silent') }
const runner = createTaskRunner(deps, [dispatchEventsHandler(deps), deliverWebhooksHandler(deps)], {
  isAlone: true,
  onStep(step, { kind }) {
    if (step === 'ran' && kind === 'DELIVER_WEBHOOKS') process.kill(process.pid, 'SIGKILL')
  },
})
// The runner's timers keep no process alive.
setInterval(() => {}, 1_000)
await runner.start()
