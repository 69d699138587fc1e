// A server's analyses in a process of their own, for engine-restart.test.ts, which kills it.
//
//   node dist/test/killed-server.mjs DATA_DIR PROJECT_DIR
import { analysisHandlers } from '../../../server/analyses/analysis-handlers.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { openDeps } from '../../../server/start-server.ts'
import { readConfig } from '../../../server/config.ts'
import { hostileWorkers } from './hostile-workers.ts'
import { hostileKinds } from './hostile-kinds.ts'

const [dataDir = '', projectDir = ''] = process.argv.slice(2)
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_LOG_LEVEL: 'silent' })
const deps = await openDeps(config, projectDir)
const options = { kinds: hostileKinds(), workers: hostileWorkers() }
await createTaskRunner(deps, analysisHandlers(deps, options)).start()
// Nothing else keeps it alive.
setInterval(() => {}, 60_000)
