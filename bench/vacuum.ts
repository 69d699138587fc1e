import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { markForRebuild, rebuildNext } from '../server/facts/rebuild-facts.ts'
import { ruleNames } from '../server/facts/rules.ts'
import { countFreedBytes } from '../server/retention/count-freed-bytes.ts'
import { listPlaces } from '../server/retention/places.ts'
import { vacuum } from '../server/retention/vacuum.ts'
import type { Measurement } from './report.ts'
import { seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase } from './server-process.ts'

const wholeSite = 100_000
const minuteMs = 60_000
const mebibyte = 1024 ** 2

/**
 * Half of the builds of a site, removed by `vacuum` without rests. `builds`: how many the site has; the time is
 * scaled to the half of 100,000. Memory is what the process takes more at the end than after the first tenth.
 */
export async function measureVacuum(builds: number): Promise<Measurement[]> {
  const jobs = 50
  const dataDir = makeDataDir()
  seedBuilds(dataDir, jobs, Math.ceil(builds / jobs))
  await prepareDatabase(dataDir)
  const { db, writer, closeDatabase } = await openDatabase(dataDir.databaseFile)
  try {
    // The seed leaves out what releases after the first derive.
    await writer.transact([], (tx) => markForRebuild(tx, ruleNames))
    while (await rebuildNext({ db, writer })) continue
    const now = new Date()
    const finishedAfter = new Date(Date.now() - (Math.ceil(builds / jobs) / 2) * 3_600_000)
    const plan = (await listPlaces(db)).map((place) => ({ place, keep: { finishedAfter }, reason: 'bench' }))
    const forecastAt = performance.now()
    await countFreedBytes(db, plan, now)
    const forecastMs = performance.now() - forecastAt
    const startedAt = performance.now()
    let [removed, longestMs, stepAt, earlyBytes] = [0, 0, performance.now(), 0]
    for await (const { removedCount } of vacuum({ db, writer }, plan, { now })) {
      removed += removedCount
      longestMs = Math.max(longestMs, performance.now() - stepAt)
      stepAt = performance.now()
      if (earlyBytes === 0 && removed >= builds / 20) earlyBytes = process.memoryUsage().rss
    }
    const tookMs = performance.now() - startedAt
    const scale = wholeSite / builds
    const what = `of a site with ${builds} builds`
    return [
      {
        what: `vacuum of half ${what}, as if 50,000 went`,
        value: (tookMs * (wholeSite / 2)) / removed / minuteMs,
        unit: 'min',
        against: { what: 'budget', value: 10, wanted: 'at most' },
      },
      {
        what: `dry run ${what}, as if it had 100,000`,
        value: (forecastMs * scale) / minuteMs,
        unit: 'min',
        against: { what: 'budget', value: 10, wanted: 'at most' },
      },
      {
        what: 'longest step, for which uploads wait',
        value: longestMs,
        unit: 'ms',
        against: { what: 'a slow upload', value: 1_000, wanted: 'at most' },
      },
      {
        what: 'memory that grows during a vacuum',
        value: Math.max(0, process.memoryUsage().rss - earlyBytes) / mebibyte,
        unit: 'MiB',
        against: { what: 'budget', value: 100, wanted: 'at most' },
      },
    ]
  } finally {
    await closeDatabase()
    dataDir.remove()
  }
}
