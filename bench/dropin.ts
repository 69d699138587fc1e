import { randomBytes, randomUUID } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import autocannon from 'autocannon'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { buildPath } from '../server/paths.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedAnalyses, seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'

const slowDownloads = 20
const largeBytes = 256 * 1024 ** 2
/** Of each download: what a network of some megabits takes. */
const slowBytesPerSecond = 512 * 1024

/** Of a main binary of a job. */
async function hashOf(url: string, job: string): Promise<string> {
  const answer = await fetch(`${url}/job/${job}`, { headers: { Accept: 'application/json' } })
  const { builds } = (await answer.json()) as { builds: { main_binary: { sha256: string } }[] }
  const hash = builds[0]?.main_binary.sha256
  if (!hash) throw new Error(`job ${job} has no main binary`)
  return hash
}

async function answersPerSecond(url: string): Promise<number> {
  const result = await autocannon({ url, connections: 8, duration: 4 })
  const answered = result['3xx'] + result['2xx']
  if (answered === 0 || result['4xx'] + result['5xx'] > 0) throw new Error(`${url} did not redirect`)
  return result.requests.average
}

/** A build with an artifact of 256 MiB that nothing compresses. */
function largeBuild(): ExecRecord {
  const chunk = randomBytes(1024 ** 2)
  const startedAt = new Date()
  return {
    job: 'large',
    platform: 'debian-12',
    uuid: randomUUID(),
    startedAt,
    finishedAt: startedAt,
    result: { kind: 'exited', code: 0n },
    script: Buffer.of(),
    console: [],
    artifacts: [
      {
        path: 'large',
        sizeBytes: largeBytes,
        data: () => Array.from({ length: largeBytes / chunk.length }, () => chunk),
      },
    ],
  }
}

/** A client that reads a limited number of bytes per second. Returns a function that ends it. */
async function downloadSlowly(url: string): Promise<() => void> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false, highWaterMark: 64 * 1024 } as Parameters<typeof get>[1], resolve).on(
      'error',
      reject,
    )
  })
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
  response.on('error', () => {})
  const pause = (64 * 1024 * 1000) / slowBytesPerSecond
  response.on('data', () => {
    response.pause()
    setTimeout(() => response.resume(), pause)
  })
  return () => response.destroy()
}

/** The 95th percentile in ms of pages, one after the other, as somebody reads them. */
async function pageP95Ms(url: string, paths: readonly string[]): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 300; run++) {
    const startedAt = performance.now()
    const answer = await fetch(url + (paths[run % paths.length] ?? ''), {
      headers: { Accept: run % 2 === 0 ? 'text/html' : 'application/json' },
    })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`a page answered ${answer.status}`)
    if (run >= 20) times.push(performance.now() - startedAt)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? NaN
}

export async function measureDropin(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  const { job } = seedBuilds(dataDir, 50, 200)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    const hash = await hashOf(server.url, job)
    const lookUps = [
      { what: 'redirect to the latest build', path: `/job/${job}/build/latest` },
      {
        what: 'redirect to the latest build of a platform',
        path: `/job/${job}/build/latest?platform=debian-12`,
      },
      { what: 'redirect by hash', path: `/hash?sha256=${hash}` },
    ]
    const found: Measurement[] = []
    for (const { what, path } of lookUps) {
      found.push({
        what,
        value: await answersPerSecond(server.url + path),
        unit: '/s',
        against: { what: 'budget; builder-web: 1,877', value: 2_000, wanted: 'at least' },
      })
    }
    const large = largeBuild()
    await uploadRecord(server.url, user, large)
    const pages = [`/job/${job}`, `/job/${job}/failed`, `/job/${job}/failed?platform=debian-12`]
    const quiet = await pageP95Ms(server.url, pages)
    for (const [what, path] of [
      ['files', 'f/large'],
      ['archives', 'all.tar.gz'],
    ] as const) {
      const url = `${server.url}${buildPath(large.job, large.uuid)}/${path}`
      const ends = await Promise.all(Array.from({ length: slowDownloads }, () => downloadSlowly(url)))
      const value = medianOf([
        await pageP95Ms(server.url, pages),
        await pageP95Ms(server.url, pages),
        await pageP95Ms(server.url, pages),
      ])
      for (const end of ends) end()
      found.push({
        what: `pages, p95, while ${slowDownloads} slow downloads of ${what} run`,
        value,
        unit: 'ms',
        against: { what: `budget; without: ${quiet.toFixed(1)} ms`, value: 50, wanted: 'at most' },
      })
    }
    return found
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
