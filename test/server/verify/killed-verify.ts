// A verification that repairs, in a process of its own, for killed-repair.test.ts: it is killed before its act with this
// number, from 1, or ends and prints the number of its acts.
//
//   node dist/test/killed-verify.mjs DATA_DIR NUMBER
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { readConfig } from '../../../server/config.ts'
import { siteDatabaseOf } from '../../../server/database/site-database.ts'
import { createLog } from '../../../server/log.ts'
import { createDamageMarks } from '../../../server/verify/damage-marks.ts'
import { createRepairs } from '../../../server/verify/repair.ts'
import { verifySite } from '../../../server/verify/verify-site.ts'

const [dataDir = '', number = ''] = process.argv.slice(2)
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir })
const site = await siteDatabaseOf(config)
const { integrity } = site
const database = await site.open()
const store = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir })
let acts = 0
const repair = createRepairs({
  ...{ ...database, store, integrity, quarantineDir: config.quarantineDir },
  async whenAlone(action) {
    await action()
    return true
  },
  onAct() {
    acts += 1
    if (String(acts) === number) process.kill(process.pid, 'SIGKILL')
  },
})
const findings = verifySite(
  {
    ...{ ...database, store, integrity, stagingDir: config.stagingDir },
    damage: createDamageMarks({ ...database, log: createLog('silent') }, store),
  },
  { isFull: true, since: null, jobId: null, rate: () => {} },
)
for await (const finding of findings) await repair(finding)
await database.closeDatabase()
process.stdout.write(`${acts}\n`)
