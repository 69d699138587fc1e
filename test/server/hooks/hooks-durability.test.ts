import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../demo/random.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { bytesOf, temporaryDir } from '../../app.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { doors, send } from '../../durability/doors.ts'
import { startChild, type ServerChild } from '../../durability/server-child.ts'
import { isLong, seedOf } from '../../long.ts'
import { file, sampleRecord } from '../../record.ts'
import { hookSite } from './hook-site.ts'

const uploads = isLong ? 200 : 16
const kills = isLong ? 40 : 2
/** A server starts, stores and is killed; on a busy machine that takes longest. */
const msOfKill = 60_000

test(
  'killed at random moments: the hook of each stored build runs at least once',
  async () => {
    const random = seededRandom(`hooks and kill -9 ${seedOf(0)}`)
    const dataDir = makeDataDir()
    const configDir = temporaryDir()
    const hooks = hookSite(configDir)
    // It says that it has begun, works a little, and says that it has ended.
    hooks.install(
      'count.sh',
      'for flag; do case "$flag" in --uuid=*) uuid=${flag#*=} ;; esac; done\n' +
        `echo "$uuid begun" >> ${configDir}/runs; sleep 0.02; echo "$uuid ended" >> ${configDir}/runs`,
    )
    const start = () => startChild(dataDir, 'busy', { BUILDER_HUB_CONFIG_DIR: configDir })
    const stored: string[] = []
    let child: ServerChild = await start()
    for (let kill = 0; kill < kills; kill++) {
      const batch = Math.ceil(uploads / kills)
      await child.arm({ count: random.integer(1, 60 * batch) })
      for (let upload = 0; upload < batch; upload++) {
        const uuid = randomUUID()
        const record = sampleRecord({ uuid, artifacts: [file('bin/hello.hvt', uuid)] })
        const body = await bytesOf(encodeExecRecord(record))
        const answer = await send(doors[0], child.url, body).catch(() => null)
        if (answer === null) break
        expect(answer.verdict).toBe('stored')
        stored.push(uuid)
      }
      child.kill()
      await child.ended
      child = await start()
    }
    const { databaseFile } = configOf(dataDir)
    const db = new Database(databaseFile, { readonly: true })
    const waiting = db.prepare(`SELECT count(*) AS count FROM "HookRun" WHERE state <> 'SUCCEEDED'`)
    await expect.poll(() => waiting.get(), { timeout: 60_000, interval: 100 }).toEqual({ count: 0 })
    const builds = db
      .prepare<[], { uuid: string }>('SELECT uuid FROM "Build"')
      .all()
      .map(({ uuid }) => uuid)
    const runs = db.prepare<[], { buildUuid: string }>('SELECT "buildUuid" FROM "HookRun"').all()
    db.close()
    expect(builds).toEqual(expect.arrayContaining(stored))
    // One run for each build, neither lost nor doubled; each has run to its end once at least.
    expect(runs.map(({ buildUuid }) => buildUuid).toSorted()).toEqual(builds.toSorted())
    const log = join(configDir, 'runs')
    const ended = new Set(
      (existsSync(log) ? readFileSync(log, 'utf8') : '')
        .split('\n')
        .flatMap((line) => (line.endsWith(' ended') ? [line.split(' ')[0]] : [])),
    )
    expect(builds.filter((uuid) => !ended.has(uuid))).toEqual([])
  },
  120_000 + kills * msOfKill,
)
