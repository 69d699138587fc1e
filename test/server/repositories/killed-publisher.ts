// A server that is killed at a step of a publication, for killed-publisher.test.ts.
//
//   node dist/test/killed-publisher.mjs DATA_DIR DATABASE_URL STEP
import { readConfig } from '../../../server/config.ts'
import { findProjectDir } from '../../../server/project-dir.ts'
import { publishHandler } from '../../../server/repositories/publish-handler.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { openDeps } from '../../../server/start-server.ts'
import { settingsOf } from './killed-settings.ts'

const [dataDir = '', databaseUrl = '', killedAt = ''] = process.argv.slice(2)
const deps = await openDeps(readConfig(settingsOf(dataDir, databaseUrl)), findProjectDir())
const reach = (step: string) => {
  if (step === killedAt) process.kill(process.pid, 'SIGKILL')
}
const { blobs } = deps
const watched: typeof blobs = {
  ...blobs,
  async stage(source) {
    const staged = await blobs.stage(source)
    reach('staged')
    return staged
  },
  async restore(staged) {
    const restored = await blobs.restore(staged)
    reach('switching')
    return restored
  },
}
const runner = createTaskRunner(deps, [publishHandler({ ...deps, blobs: watched })], {
  isAlone: true,
  onStep: reach,
})
await runner.start()
// Nothing else keeps it alive.
setInterval(() => {}, 60_000)
