// A server's analyses in a process of their own, for engine-restart.test.ts, which kills it.
//
//   node dist/test/killed-server.mjs DATA_DIR PROJECT_DIR
import { createAnalysisEngine } from '../../../server/analyses/engine.ts'
import { openDeps } from '../../../server/start-server.ts'
import { readConfig } from '../../../server/config.ts'
import { hostileWorkers } from './hostile-workers.ts'
import { hostileKinds } from './hostile-kinds.ts'

const [dataDir = '', projectDir = ''] = process.argv.slice(2)
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_LOG_LEVEL: 'silent' })
const deps = await openDeps(config, projectDir)
await createAnalysisEngine(deps, { kinds: hostileKinds(), workers: hostileWorkers() }).start()
// Nothing else keeps it alive.
setInterval(() => {}, 60_000)
