import pLimit from 'p-limit'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ServerAddress } from '../server/build-worker/server-connection.ts'
import type { Measurement } from './report.ts'
import {
  ask,
  type BenchWorker,
  benchWorker,
  freePort,
  observer,
  platform,
  readCommand,
} from './scheduling-peers.ts'
import {
  makeDataDir,
  prepareDatabase,
  startServerProcess,
  type ServerProcess,
  user,
} from './server-process.ts'
import { record } from './uploads.ts'

const [workerCount, jobCount, rounds] = [50, 200, 10]
const artifactBytes = 16 * 1024
const mebibyte = 2 ** 20

type Round = { latenciesMs: number[]; seconds: number; memory: number }

/**
 * Jobs that end at once, of many workers: each run is given to a worker within 100 ms from when both were there, the hub stores as many
 * builds as it does by uploads, half of them at least, and its memory stays what it is.
 */
export async function measureScheduling(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const address: ServerAddress = { host: '127.0.0.1', port: await freePort(), tls: null }
  const server = await startServerProcess(dataDir, {
    BUILDER_HUB_BUILDER_LISTEN: `${address.host}:${address.port}`,
  })
  try {
    const workers = await Promise.all(
      Array.from({ length: workerCount }, (_, n) => benchWorker(address, `worker-${n}`)),
    )
    await measureRound(server, address, workers, true)
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++)
      measured.push(await measureRound(server, address, workers, false))
    for (const worker of workers) worker.close()
    return [...factsOf(measured, await uploadsPerSecond(server)), ...(await measureConsole(server, address))]
  } finally {
    await server.stop()
    dataDir.remove()
  }
}

/** All jobs once. `isFirst`: they are scheduled, and measured for nothing. */
async function measureRound(
  server: ServerProcess,
  address: ServerAddress,
  workers: readonly BenchWorker[],
  isFirst: boolean,
): Promise<Round> {
  const startedAt = performance.now()
  const queuedAt = new Map<string, number>()
  const gotAt: { job: string; askedAt: number; at: number }[] = []
  const atATime = pLimit(8)
  const queueOne = async (n: number) => {
    const name = `job-${n}`
    const script = Buffer.from('#!/bin/sh\n')
    if (isFirst) await ask(address, { kind: 'schedule', period: 'NEVER', job: { name, platform, script } })
    else await ask(address, { kind: 'execute', name, platform: null })
    queuedAt.set(name, performance.now())
  }
  let left = jobCount
  const working = Promise.all(
    workers.map(async (worker) => {
      // As many requests as there are runs: no worker waits at the end.
      while (left > 0) {
        left--
        const askedAt = performance.now()
        await worker.say({ kind: 'request' })
        const { uuid, job } = await worker.hear('run')
        gotAt.push({ job: job.name, askedAt, at: performance.now() })
        await finish(worker, uuid)
      }
    }),
  )
  await Promise.all(Array.from({ length: jobCount }, (_, n) => atATime(queueOne, n)))
  await working
  return {
    latenciesMs: gotAt.map(({ job, askedAt, at }) =>
      Math.max(0, at - Math.max(askedAt, queuedAt.get(job) ?? 0)),
    ),
    seconds: (performance.now() - startedAt) / 1_000,
    memory: server.memory().now,
  }
}

async function finish(worker: BenchWorker, uuid: string): Promise<void> {
  const data = Buffer.alloc(artifactBytes)
  data.write(uuid)
  await worker.say(
    { kind: 'lines', uuid, first: 0, lines: [{ deltaNs: 1n, text: Buffer.from('built') }] },
    { kind: 'ended', uuid, result: { kind: 'exited', code: 0n }, detail: '', fileCount: 1 },
    { kind: 'file', uuid, path: 'bin/x', mode: 0o755, sizeBytes: data.length },
    { kind: 'bytes', data },
  )
  await worker.hear('stored')
}

async function uploadsPerSecond({ url }: ServerProcess): Promise<number> {
  const atATime = pLimit(workerCount)
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: jobCount }, () => atATime(() => uploadRecord(url, user, record(artifactBytes, 1)))),
  )
  return jobCount / ((performance.now() - startedAt) / 1_000)
}

function factsOf(measured: readonly Round[], uploads: number): Measurement[] {
  const sorted = measured.flatMap(({ latenciesMs }) => latenciesMs).toSorted((one, other) => one - other)
  const quantile = (part: number) => sorted[Math.floor(part * sorted.length)] ?? NaN
  const latency = (name: string, part: number, limitMs: number): Measurement => ({
    ...{ what: `scheduling latency ${name}, ${workerCount} workers`, value: quantile(part), unit: 'ms' },
    against: { what: 'budget', value: limitMs, wanted: 'at most' },
  })
  const seconds = measured.reduce((sum, round) => sum + round.seconds, 0)
  return [
    latency('p50', 0.5, 50),
    latency('p95', 0.95, 80),
    latency('p99', 0.99, 100),
    {
      ...{ what: `runs of ${jobCount} jobs × ${rounds} rounds`, unit: '/s' },
      value: sorted.length / seconds,
      against: {
        what: `0.5 × uploads alone (${uploads.toFixed(0)}/s)`,
        value: 0.5 * uploads,
        wanted: 'at least',
      },
    },
    {
      ...{ what: 'growth of the memory of the hub, later half', unit: 'MiB/round' },
      value: slopeOf(measured.slice(rounds / 2).map(({ memory }) => memory / mebibyte)),
      against: { what: `budget; ${jobCount} builds a round`, value: 2, wanted: 'at most' },
    },
  ]
}

/** How much the values grow from one to the next: that of the line that fits best. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const products = values.reduce((sum, value, n) => sum + (n - middle) * (value - mean), 0)
  return products / values.reduce((sum, _, n) => sum + (n - middle) ** 2, 0)
}

/** One run prints 100,000 lines as fast as they are taken, while four viewers read nothing and one reads all. */
async function measureConsole(server: ServerProcess, address: ServerAddress): Promise<Measurement[]> {
  const [lineCount, batch] = [100_000, 500]
  const worker = await benchWorker(address, 'printer')
  await ask(address, { kind: 'execute', name: 'job-0', platform: null })
  await worker.say({ kind: 'request' })
  const { uuid } = await worker.hear('run')
  const [reader, ...silent] = await Promise.all(Array.from({ length: 5 }, () => observer(address, uuid)))
  if (!reader) throw new Error('no viewer')
  const read = readLines(reader)
  const before = server.memory().now
  server.resetPeak()
  const startedAt = performance.now()
  for (let first = 0; first < lineCount; first += batch) {
    const lines = Array.from({ length: batch }, (_, n) => ({
      deltaNs: BigInt(first + n),
      text: Buffer.from(`line ${first + n} of what a build prints`.padEnd(80, '.')),
    }))
    await worker.say({ kind: 'lines', uuid, first, lines })
    await worker.hear('linesStored')
  }
  const minutes = (performance.now() - startedAt) / 60_000
  const grown = (server.memory().peak - before) / mebibyte
  await finishWithout(worker, uuid)
  const seen = await read
  for (const peer of silent) peer.destroy()
  worker.close()
  return [
    {
      ...{ what: 'console lines taken, with four silent viewers', value: lineCount / minutes, unit: '/min' },
      against: { what: 'budget', value: 100_000, wanted: 'at least' },
    },
    {
      ...{ what: 'lines that a viewer got of them', value: seen, unit: 'lines' },
      against: { what: 'all', value: lineCount, wanted: 'at least' },
    },
    {
      ...{ what: 'growth of the memory of the hub meanwhile', value: grown, unit: 'MiB' },
      against: { what: 'budget', value: 64, wanted: 'at most' },
    },
  ]
}

async function finishWithout(worker: BenchWorker, uuid: string): Promise<void> {
  await worker.say({ kind: 'ended', uuid, result: { kind: 'exited', code: 0n }, detail: '', fileCount: 0 })
  await worker.hear('stored')
}

/** How many lines the hub sends, without the last one, which has the result. */
async function readLines(peer: Awaited<ReturnType<typeof observer>>): Promise<number> {
  let count = -1
  for (let command; (command = await readCommand(peer));) if (command.kind === 'outputTimestamped') count++
  return count
}
