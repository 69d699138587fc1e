// A runner in a process of its own, for task-leases.test.ts: it is killed at a step of its first run, or runs
// until nothing waits.
//
//   node dist/test/killed-runner.mjs DATABASE_FILE (STEP | work)
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { createLog } from '../../../server/log.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { writingHandler } from './writing-handler.ts'

const [file = '', killedAt = ''] = process.argv.slice(2)
const database = await openDatabase(file)
const deps = { ...database, log: createLog('silent') }
const runner = createTaskRunner(deps, [writingHandler], {
  isAlone: killedAt !== 'work',
  onStep(step) {
    if (step === killedAt) process.kill(process.pid, 'SIGKILL')
  },
})
await runner.start()
await runner.settled()
await runner.close()
await database.closeDatabase()
