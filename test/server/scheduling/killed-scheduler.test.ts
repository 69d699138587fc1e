import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { buildDeps } from '../../../server/build-deps.ts'
import { readConfig } from '../../../server/config.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { createLog } from '../../../server/log.ts'
import { findRun } from '../../../server/scheduling/runs.ts'
import { temporaryDir } from '../../app.ts'
import { testProgram } from '../../programs.ts'
import { copyTemplate } from '../../template.ts'
import { add, scriptJob } from './scheduling-site.ts'
import { connect, exited, files, soon, workOnce } from './work.ts'

/** A hub on a data directory with a run that waits. */
async function site() {
  const dir = temporaryDir()
  const config = readConfig({ BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_LOG_LEVEL: 'silent' })
  mkdirSync(config.stagingDir, { recursive: true })
  copyTemplate(join(dir, 'test.sqlite3'))
  const database = await openDatabase(join(dir, 'test.sqlite3'))
  onTestFinished(database.closeDatabase)
  const blobs = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir })
  const deps = buildDeps({ ...database, config, log: createLog('silent'), blobs })
  const { runs } = await add(deps, scriptJob('hello', 'debian-12'))
  return { dir, deps, uuid: runs[0] ?? '' }
}

test.each([
  ['BUILDER', 'claimed', 2],
  ['BUILDER', 'printed', 2],
  ['BUILDER', 'content-durable', 2],
  ['BUILDER', 'stored', 1],
  ['HUB', 'claimed', 1],
  ['HUB', 'printed', 1],
  ['HUB', 'content-durable', 1],
  ['HUB', 'stored', 1],
] as const)(
  'a hub that is killed with a worker of protocol %s at the step %s has one build in the end, after %i tries',
  async (protocol, step, tries) => {
    const { dir, deps, uuid } = await site()
    const { signal } = spawnSync(process.execPath, [testProgram('killed-scheduler'), dir, protocol, step])
    expect(signal).toBe('SIGKILL')
    await deps.scheduler.start()
    const link = await connect(deps, 'own', 'debian-12', protocol)
    if (step !== 'stored') {
      const resumed = protocol === 'HUB' ? await link.resume(uuid) : null
      if (resumed) {
        expect(resumed.lineCount).toBe(step === 'claimed' ? 0 : 1)
        await link.finish(uuid, exited(0), files({ 'bin/hello': 'x' }))
      } else await workOnce(link, { signal: soon() })
    }
    const run = await findRun(deps.db, uuid)
    expect(run).toMatchObject({ state: 'DONE', tryCount: tries })
    expect(run?.tries.map(({ ending }) => ending)).toEqual(tries === 1 ? ['STORED'] : ['PUT_BACK', 'STORED'])
    expect(await deps.db.build.count()).toBe(1)
    await link.close()
    await deps.scheduler.close()
    await deps.consoles.close()
  },
)
