import { spawnSync } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { openDeps } from '../../../server/start-server.ts'
import { readHeadFile } from '../../../server/transparency/head-file.ts'
import { checkpointOf, newestHead, toHex } from '../../../server/transparency/log-head.ts'
import { rootAt } from '../../../server/transparency/read-tiles.ts'
import type { LogStep } from '../../../server/transparency/transparency-log.ts'
import { createLog } from '../../../server/log.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { emptyDatabase } from '../../database.ts'
import { isLong } from '../../long.ts'
import { testProgram } from '../../programs.ts'

const steps: LogStep[] = ['begun', 'appended', 'committed', 'recorded', 'published']
const rounds = isLong ? 1_000 / steps.length : 1

test(
  'a server that is killed at any step of the log never publishes two histories',
  { timeout: 60_000 * (rounds + 1) },
  async () => {
    const dataDir = temporaryDir()
    const databaseUrl = inject('postgresqlUrl') === undefined ? '' : await emptyDatabase()
    const published: string[] = []
    const run = (step: string, count: number) => {
      const args = [testProgram('killed-sequencer'), dataDir, databaseUrl, step, String(count)]
      const { signal, status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      if (step === '') expect([status, stderr]).toEqual([0, ''])
      else expect([signal, stderr]).toEqual(['SIGKILL', ''])
      for (const line of stdout.split('\n').filter((text) => text !== '')) published.push(JSON.parse(line))
    }
    for (let round = 0; round < rounds; round++)
      for (const step of steps) {
        // Some of them fill a tile.
        run(step, 1 + ((round * 37 + steps.indexOf(step) * 90) % 200))
      }
    run('', 1)
    const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_DATABASE_URL: databaseUrl })
    const { db, closeDatabase } = await openDeps(config, projectDir, { log: createLog('silent') })
    const head = await newestHead(db)
    expect(head?.size).toBe(3 + (await db.attestation.count()))
    expect(new Set(published).size).toBeGreaterThanOrEqual(2 * rounds)
    for (const note of published) {
      const { size, root } = checkpointOf(note)
      expect(toHex(await rootAt(db, 1, size))).toBe(toHex(root))
    }
    expect((await readHeadFile(dataDir))?.checkpoint?.size).toBe(head?.size)
    await closeDatabase()
  },
)
