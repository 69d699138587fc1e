import Database from 'better-sqlite3'
import { uploadRecord } from '../demo/upload-record.ts'
import { buildWithSwitch } from './diffs.ts'
import { askOperation } from './operations.ts'
import type { Measurement } from './report.ts'
import { seedAnalyses, seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { countWaiting, until } from './waiting-analyses.ts'

/** Builds whose switches, of some 260 packages each, no other has. */
const builds = 150
const requests = 200
/** Between requests: a page that people look at, not a queue of them. */
const pauseMs = 10

const percentile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

/** How long a home page takes, in ms, that is executed and not answered from the cache. */
async function homePageMs(url: string, isDone: () => boolean): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < requests && !isDone(); run++) {
    const startedAt = performance.now()
    await askOperation(url, 'HomePage', { filter: { recent: true }, run: `${run}/${startedAt}` })
    times.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return times
}

export async function measureAnalyses(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  seedBuilds(dataDir, 50, 200)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  const db = new Database(dataDir.databaseFile)
  const waiting = () => countWaiting(db)
  try {
    for (let round = 0; round < builds; round++)
      await uploadRecord(server.url, user, buildWithSwitch(3, round))
    await until(() => waiting() === 0)
    await homePageMs(server.url, () => false)
    const idle = await homePageMs(server.url, () => false)
    // All of the uploaded ones again, as when a version rises; the server finds them within five seconds.
    const again = db.prepare(
      `UPDATE "QueuedTask" SET state = 'PENDING' WHERE kind = 'DEPENDENCIES' AND "resultSizeBytes" > 1`,
    )
    const { changes } = again.run()
    await until(() => waiting() < changes)
    const startedAt = performance.now()
    const left = waiting()
    const busy = await homePageMs(server.url, () => waiting() === 0)
    if (busy.length < requests / 4) throw new Error(`only ${busy.length} requests while analyses ran`)
    await until(() => waiting() === 0)
    const perSecond = left / ((performance.now() - startedAt) / 1000)
    return [
      {
        what: 'home page while analyses run, executed, p95',
        value: percentile(busy, 0.95),
        unit: 'ms',
        against: { what: 'budget', value: 50, wanted: 'at most' },
      },
      {
        what: 'the same, beside what else the machine does',
        value: percentile(busy, 0.95),
        unit: 'ms',
        against: { what: '3 × p95 without analyses', value: 3 * percentile(idle, 0.95), wanted: 'at most' },
      },
      {
        what: 'the same, median',
        value: percentile(busy, 0.5),
        unit: 'ms',
        // There is no budget for this: a page should hardly notice.
        against: { what: '3 × without analyses', value: 3 * percentile(idle, 0.5), wanted: 'at most' },
      },
      {
        what: 'analyses of switches with 260 packages meanwhile',
        value: perSecond,
        unit: '/s',
        against: { what: 'no budget: as many as uploads bring', value: 1, wanted: 'at least' },
      },
    ]
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}
