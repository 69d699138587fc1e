import Database from 'better-sqlite3'
import { uploadRecord } from '../demo/upload-record.ts'
import { buildPath, jobPath } from '../server/paths.ts'
import { percentileOf, readWhole, timeOf } from './percentiles.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const uploads = 200
const readers = 4
/** Times the same percentile of a server that nobody else asks. */
const limit = 4

/** Uploads of 2 MB, one after the other: how long each takes, in ms. `between`: what happens before each. */
async function uploadTimes(url: string, between: () => void): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < uploads; n++) {
    between()
    const build = record(256 * 1024, 8)
    times.push(await timeOf(() => uploadRecord(url, user, build)))
  }
  return times
}

/** How long an upload takes while pages are read and what was uploaded before is analysed, against a quiet server. */
export async function measureBusyUploads(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  const db = new Database(dataDir.databaseFile, { readonly: true })
  try {
    const known = record(256 * 1024, 8)
    await uploadRecord(server.url, user, known)
    // A server that runs for years has its code compiled.
    await uploadTimes(server.url, () => {})
    await until(() => countWaiting(db) === 0)
    const quiet: number[] = []
    for (let n = 0; n < uploads; n++) {
      const build = record(256 * 1024, 8)
      quiet.push(await timeOf(() => uploadRecord(server.url, user, build)))
      await until(() => countWaiting(db) === 0)
    }
    let isOver = false
    let analysing = 0
    const pages = ['/', jobPath(known.job), buildPath(known.job, known.uuid)]
    const reading = Promise.all(
      Array.from({ length: readers }, async () => {
        let read = 0
        for (; !isOver; read++)
          await readWhole(server.url + (pages[read % pages.length] ?? '/'), { Accept: 'text/html' })
        return read
      }),
    )
    const busy = await uploadTimes(server.url, () => {
      if (countWaiting(db) > 0) analysing += 1
    }).finally(() => (isOver = true))
    const read = (await reading).reduce((sum, count) => sum + count, 0)
    process.stdout.write(`  ${read} pages were read; ${analysing} of ${uploads} uploads met analyses\n`)
    return (
      [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const
    ).map(([word, part]) => ({
      ...{
        what: `upload of 2 MB while pages are read, ${word}`,
        value: percentileOf(busy, part),
        unit: 'ms',
      },
      against: {
        what: `${limit} × on a quiet server (${percentileOf(quiet, part).toFixed(1)} ms)`,
        ...{ value: limit * percentileOf(quiet, part), wanted: 'at most' as const },
      },
    }))
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}
