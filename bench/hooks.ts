import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import autocannon from 'autocannon'
import Database from 'better-sqlite3'
import pLimit from 'p-limit'
import { uploadRecord } from '../demo/upload-record.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const hooks = 50
const uploads = 100

/** What a hook does that publishes: it waits for another machine. */
const waiting = 'sleep 600'
/** What one does that packs: it keeps a processor. */
const working = 'while :; do sha256sum "$0"; done > /dev/null'

type Speeds = { uploadsPerSecond: number; pagesPerSecond: number }

async function speedsOf(url: string): Promise<Speeds> {
  const atATime = pLimit(4)
  const uploadOne = () => uploadRecord(url, user, record(64 * 1024, 4))
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: uploads }, () => atATime(uploadOne)))
  const uploadsPerSecond = uploads / ((performance.now() - startedAt) / 1_000)
  const { non2xx, requests } = await autocannon({ url: `${url}/job/bench`, connections: 8, duration: 4 })
  if (non2xx > 0) throw new Error(`${non2xx} answers of ${url} were not 2xx`)
  return { uploadsPerSecond, pagesPerSecond: requests.average }
}

/** The speeds of a server without hooks, and beside so many runs of this one, `slots` of them at a time. */
async function measureBeside(script: string, slots: number): Promise<{ alone: Speeds; beside: Speeds }> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const folder = join(dataDir.path, 'config/upload-hooks')
  mkdirSync(folder, { recursive: true })
  const server = await startServerProcess(dataDir, {
    BUILDER_HUB_CONFIG_DIR: join(dataDir.path, 'config'),
    BUILDER_HUB_HOOK_SLOTS: String(slots),
  })
  const db = new Database(dataDir.databaseFile, { readonly: true })
  const running = db.prepare(`SELECT count(*) FROM "HookRun" WHERE state = 'RUNNING'`).pluck()
  try {
    // A server that runs for years has its code compiled.
    await speedsOf(server.url)
    await until(() => countWaiting(db) === 0)
    const alone = await speedsOf(server.url)
    const hook = join(folder, 'bench.sh')
    writeFileSync(hook, `#!/bin/sh\n${script}\n`)
    chmodSync(hook, 0o755)
    for (let run = 0; run < hooks; run++) await uploadRecord(server.url, user, record(1_024, 1))
    await until(() => running.get() === Math.min(slots, hooks))
    return { alone, beside: await speedsOf(server.url) }
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}

/** Uploads and pages while hooks run are at least half as fast as without: what hooks cost is the processor that they take. */
export async function measureHooks(): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const [what, script, slots] of [
    [`${hooks} hooks that wait, all at once`, waiting, hooks],
    [`${hooks} hooks that work, two at a time`, working, 2],
  ] as const) {
    const { alone, beside } = await measureBeside(script, slots)
    const facts = (name: string, speed: keyof Speeds): Measurement => ({
      ...{ what: `${name} beside ${what}`, value: beside[speed], unit: '/s' },
      against: {
        what: `0.5 × without hooks (${alone[speed].toFixed(0)}/s)`,
        value: 0.5 * alone[speed],
        wanted: 'at least',
      },
    })
    measurements.push(facts('uploads', 'uploadsPerSecond'), facts('pages', 'pagesPerSecond'))
  }
  return measurements
}
