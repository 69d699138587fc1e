import { setTimeout as sleep } from 'node:timers/promises'
import { uploadRecord } from '../demo/upload-record.ts'
import { artifactPath, buildPath, jobPath } from '../server/paths.ts'
import { readWhole } from './percentiles.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'

const megabyte = 1_000_000
const sampleMs = 2_000
/** Of 24 hours it would be what the server may have at all. */
const budgetPerHour = 10

type Sample = { hours: number; megabytes: number }

/** The slope of the straight line that is nearest to the samples, in MB per hour. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [hours, megabytes] = [mean((one) => one.hours), mean((one) => one.megabytes)]
  const covariance = mean((one) => (one.hours - hours) * (one.megabytes - megabytes))
  return covariance / mean((one) => (one.hours - hours) ** 2)
}

/** One request of each kind after another, until `isOver`. Returns how many there were. */
async function mixTraffic(url: string, isOver: () => boolean): Promise<number> {
  let count = 0
  while (!isOver()) {
    const { job, uuid, ...rest } = record(64 * 1024, 4)
    await uploadRecord(url, user, { job, uuid, ...rest })
    const query = `{ job(name: "${job}") { builds(first: 20) { nodes { uuid status mainBinary { sha256 } } } } }`
    for (const [path, headers] of [
      ['/', { Accept: 'text/html' }],
      [jobPath(job), { Accept: 'text/html' }],
      [buildPath(job, uuid), { Accept: 'text/html' }],
      ['/', { Accept: 'application/json' }],
      [buildPath(job, uuid), { Accept: 'application/json' }],
      [artifactPath(job, uuid, 'bin/bench.hvt'), {}],
      [`/graphql?query=${encodeURIComponent(query)}`, { Accept: 'application/json' }],
    ] as const)
      await readWhole(url + path, headers)
    count += 8
  }
  return count
}

/** By how much the server grows while uploads, pages, JSON, downloads and GraphQL are mixed. Of the first half nothing counts: caches fill. */
export async function measureMemory(minutes: number): Promise<Measurement[]> {
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0')
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt > minutes * 60_000
  const samples: Sample[] = []
  try {
    const traffic = Promise.all(Array.from({ length: 4 }, () => mixTraffic(server.url, isOver)))
    const sampling = (async () => {
      while (!isOver()) {
        const hours = (performance.now() - startedAt) / 3_600_000
        samples.push({ hours, megabytes: server.memory().now / megabyte })
        await sleep(sampleMs)
      }
    })()
    const [counts] = await Promise.all([traffic, sampling])
    const requests = counts.reduce((sum, count) => sum + count, 0)
    const settled = samples.slice(Math.floor(samples.length / 2))
    const [first, last] = [settled[0]?.megabytes ?? NaN, settled.at(-1)?.megabytes ?? NaN]
    return [
      {
        what: `memory over ${minutes} minutes, ${requests} requests`,
        ...{ value: slopeOf(settled), unit: 'MB/h' },
        against: {
          what: `budget; from ${first.toFixed(0)} to ${last.toFixed(0)} MB`,
          ...{ value: budgetPerHour, wanted: 'at most' },
        },
      },
    ]
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
