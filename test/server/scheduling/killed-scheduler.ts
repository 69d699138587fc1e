// A hub that schedules in a process of its own, for killed-scheduler.test.ts: its worker takes a run, and it is killed at a step.
//
//   node dist/test/killed-scheduler.mjs DATA_DIR PROTOCOL STEP
import { join } from 'node:path'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { buildDeps } from '../../../server/build-deps.ts'
import { readConfig } from '../../../server/config.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { createLog } from '../../../server/log.ts'
import { connect, exited, files, soon } from './work.ts'

const [dataDir = '', protocol = '', killedAt = ''] = process.argv.slice(2)
const reached = (step: string) => {
  if (step === killedAt) process.kill(process.pid, 'SIGKILL')
}
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_LOG_LEVEL: 'silent' })
const deps = buildDeps({
  ...(await openDatabase(join(dataDir, 'test.sqlite3'))),
  ...{ config, log: createLog('silent'), onUploadStep: reached },
  blobs: diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir }),
})
await deps.scheduler.start()
const link = await connect(deps, 'own', 'debian-12', protocol === 'HUB' ? 'HUB' : 'BUILDER')
const { uuid } = await link.request(soon())
reached('claimed')
await link.started(uuid)
await link.console(uuid).append([{ deltaNs: 1n, text: Buffer.from('one') }])
reached('printed')
await link.finish(uuid, exited(0), files({ 'bin/hello': 'x' }))
