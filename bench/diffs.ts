import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
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
import { makeDataDir, prepareDatabase, user } from './server-process.ts'

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
function buildOf(daysAgo: number, round: number): ExecRecord {
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

/** The page's own operation over HTTP, in the server's process: what stops its event loop is seen here. */
export async function measureDiffs(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir.path,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'error',
  })
  const server = await startServer(config, findProjectDir())
  try {
    const query = readOperation('ComparePage')
    const pairs: { left: string; right: string }[] = []
    for (let round = 0; round < warmUps + rounds; round++) {
      const [left, right] = [buildOf(160, round), buildOf(3, round)]
      for (const build of [left, right]) await uploadRecord(server.url, user, build)
      pairs.push({ left: left.uuid, right: right.uuid })
    }
    const ask = async (variables: { left: string; right: string }, run: number) => {
      const startedAt = performance.now()
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        // A variable that nothing uses: the answer is not taken from the response cache.
        body: JSON.stringify({ query, variables: { ...variables, run } }),
      })
      const text = await answer.text()
      if (!text.includes('"versionChanged":[{')) throw new Error(`no diff: ${text.slice(0, 500)}`)
      return performance.now() - startedAt
    }
    const [first] = pairs
    if (!first) throw new Error('there are no pairs')
    for (const pair of pairs.slice(0, warmUps)) await ask(pair, 0)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cold: number[] = []
    for (const pair of pairs.slice(warmUps)) cold.push(await ask(pair, 0))
    delay.disable()
    const warm: number[] = []
    for (let run = 1; run <= 5 * rounds; run++) warm.push(await ask(first, run))
    return [
      {
        what: 'diff of two switches with 260 packages, cold',
        value: medianOf(cold),
        unit: 'ms',
        against: { what: 'budget', value: 100, wanted: 'at most' },
      },
      {
        what: 'the same again',
        value: medianOf(warm),
        unit: 'ms',
        against: { what: 'budget', value: 5, wanted: 'at most' },
      },
      {
        what: 'longest stop of the event loop meanwhile, cold',
        value: delay.max / 1e6,
        unit: 'ms',
        against: { what: 'budget', value: 20, wanted: 'at most' },
      },
    ]
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
