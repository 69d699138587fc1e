// A server that is killed at a step of its log, for killed-sequencer.test.ts. It prints each checkpoint that it publishes.
//
//   node dist/test/killed-sequencer.mjs DATA_DIR DATABASE_URL STEP COUNT
import { randomBytes, randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { readConfig } from '../../../server/config.ts'
import { findProjectDir } from '../../../server/project-dir.ts'
import { openDeps } from '../../../server/start-server.ts'
import { createTransparencyLog } from '../../../server/transparency/transparency-log.ts'

const [dataDir = '', databaseUrl = '', killedAt = '', count = ''] = process.argv.slice(2)
const config = readConfig({
  BUILDER_HUB_DATA_DIR: dataDir,
  BUILDER_HUB_DATABASE_URL: databaseUrl,
  BUILDER_HUB_LOG_LEVEL: 'error',
})
const deps = await openDeps(config, findProjectDir())
await deps.writer.transact([], (tx) =>
  tx.attestation.createMany({
    data: Array.from({ length: Number(count) }, () => ({
      ...{ uuid: randomUUID(), origin: 'THIRD_PARTY', predicateType: 'test', statedAt: new Date() },
      ...{ envelopeSha256: randomBytes(32).toString('hex'), envelopeSizeBytes: 1 },
    })),
  }),
)
const log = createTransparencyLog(deps, {
  onStep(step) {
    if (step === 'published') writeSync(1, `${JSON.stringify(log.published()?.note)}\n`)
    if (step === killedAt) process.kill(process.pid, 'SIGKILL')
  },
})
await log.sequence()
await deps.closeDatabase()
process.exit(0)
