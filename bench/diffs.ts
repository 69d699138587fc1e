import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { exportSwitch, type RootPackage } from '../demo/opam-switch.ts'
import { packagesAt, type PackageUniverse } from '../demo/package-universe.ts'
import type { Package } from '../demo/packages/package.ts'
import { uploadRecord } from '../demo/upload-record.ts'
import { readConfig } from '../server/config.ts'
import type { ExecFile, ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { startServer } from '../server/start-server.ts'
import { readOperation } from './operations.ts'
import { medianOf, type Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const rounds = 20
/** Pairs before the clock runs: the server's code is compiled as it is used. */
const warmUps = 5

/** Some 260 packages: all that the demo knows, twice, the second time under other names. */
function bigUniverse(daysAgo: number): PackageUniverse {
  const once = [...packagesAt(daysAgo, null).values()]
  const twice = once.map((entry): Package => ({ ...entry, name: `${entry.name}-again`, depends: [] }))
  return new Map([...once, ...twice].map((entry) => [entry.name, entry]))
}

function switchAt(daysAgo: number, round: number): string {
  const universe = bigUniverse(daysAgo)
  const root: RootPackage = {
    name: 'bench',
    version: `1.0.${round}`,
    synopsis: 'Everything at once',
    description: 'A root that depends on all packages.',
    repository: 'bench/bench',
    commit: '0'.repeat(40),
    libraries: [...universe.keys()],
    unikernel: null,
    packaging: [],
  }
  return exportSwitch(root, universe)
}

function record(files: Record<string, string>): ExecRecord {
  const startedAt = new Date()
  return {
    job: 'bench',
    platform: 'debian-12',
    uuid: randomUUID(),
    startedAt,
    finishedAt: new Date(startedAt.getTime() + 1000),
    result: { kind: 'exited', code: 0n },
    script: Buffer.from('#!/bin/sh\n'),
    console: [],
    artifacts: Object.entries(files).map(([path, content]): ExecFile => {
      const bytes = Buffer.from(content)
      return { path, sizeBytes: bytes.length, data: () => [bytes] }
    }),
  }
}

/** A build of every round, with a switch that no other has. */
export function buildWithSwitch(daysAgo: number, round: number): ExecRecord {
  const systemPackages = Array.from(
    { length: 400 },
    (_, n) => `libthing${n}=1.${n % 7 === round % 7 ? daysAgo : 0}`,
  )
  return record({
    'bin/bench': `binary of ${daysAgo}, ${round}`,
    'opam-switch': switchAt(daysAgo, round),
    'build-environment': `PATH=/usr/bin\nHOME=/home/${daysAgo}\n`,
    'system-packages': systemPackages.join('\n'),
  })
}

type Pair = { left: string; right: string }

/** Upload so many pairs of builds, each with switches that no other has. */
async function uploadPairs(url: string, count: number): Promise<[Pair, ...Pair[]]> {
  const pairs: Pair[] = []
  for (let round = 0; round < count; round++) {
    const [left, right] = [buildWithSwitch(160, round), buildWithSwitch(3, round)]
    for (const build of [left, right]) await uploadRecord(url, user, build)
    pairs.push({ left: left.uuid, right: right.uuid })
  }
  const [first, ...others] = pairs
  if (!first) throw new Error('there are no pairs')
  return [first, ...others]
}

/** The page's own operation. `run` is a variable that nothing uses: the answer is not in the response cache. */
async function askMs(url: string, pair: Pair, run = 0): Promise<number> {
  const body = JSON.stringify({ query: readOperation('ComparePage'), variables: { ...pair, run } })
  const startedAt = performance.now()
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body,
  })
  const text = await answer.text()
  const tookMs = performance.now() - startedAt
  if (!text.includes('"versionChanged":[{')) throw new Error(`no diff: ${text.slice(0, 500)}`)
  return tookMs
}

async function medians(): Promise<{ coldMs: number; warmMs: number; executedMs: number }> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  const db = new Database(dataDir.databaseFile, { readonly: true })
  try {
    const pairs = await uploadPairs(server.url, warmUps + rounds)
    await until(() => countWaiting(db) === 0)
    for (const pair of pairs.slice(0, warmUps)) await askMs(server.url, pair)
    const cold: number[] = []
    for (const pair of pairs.slice(warmUps)) cold.push(await askMs(server.url, pair))
    const warm: number[] = []
    const executed: number[] = []
    for (let run = 1; run <= 5 * rounds; run++) {
      warm.push(await askMs(server.url, pairs[0]))
      executed.push(await askMs(server.url, pairs[0], run))
    }
    return { coldMs: medianOf(cold), warmMs: medianOf(warm), executedMs: medianOf(executed) }
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}

/** Measures the event loop of this process, in which the server runs. The work of the client counts, too. */
async function longestStopMs(): Promise<number> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir.path,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'error',
  })
  const server = await startServer(config, findProjectDir())
  try {
    const pairs = await uploadPairs(server.url, warmUps + rounds)
    // To start a process for them stops the loop, too.
    await server.deps.runner.settled()
    for (const pair of pairs.slice(0, warmUps)) await askMs(server.url, pair)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    for (const pair of pairs.slice(warmUps)) await askMs(server.url, pair)
    delay.disable()
    return delay.max / 1e6
  } finally {
    await server.stop()
    dataDir.remove()
  }
}

export async function measureDiffs(): Promise<Measurement[]> {
  const { coldMs, warmMs, executedMs } = await medians()
  return [
    {
      what: 'diff of two switches with 260 packages, cold, median',
      value: coldMs,
      unit: 'ms',
      against: { what: 'budget', value: 100, wanted: 'at most' },
    },
    {
      what: 'the same again, median',
      value: warmMs,
      unit: 'ms',
      against: { what: 'budget', value: 5, wanted: 'at most' },
    },
    {
      what: 'the same again, without the response cache, median',
      value: executedMs,
      unit: 'ms',
      against: { what: 'budget', value: 5, wanted: 'at most' },
    },
    {
      what: 'longest stop of the event loop in 20 cold ones',
      value: await longestStopMs(),
      unit: 'ms',
      against: { what: 'budget', value: 20, wanted: 'at most' },
    },
  ]
}
