import autocannon from 'autocannon'
import { buildPath, jobPath } from '../server/paths.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedAnalyses, seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase, startServerProcess } from './server-process.ts'

/** In each of them all addresses take turns, so that they meet the same machine. */
const rounds = 3
const connections = 8
const roundSeconds = 2

type Address = { path: string; accept: string; status: number }
type Speed = { perSecond: number; p99Ms: number }

async function speedOf(url: string, { path, accept, status }: Address): Promise<Speed> {
  const { requests, latency, statusCodeStats, errors } = await autocannon({
    url: url + path,
    headers: { accept },
    connections,
    duration: roundSeconds,
  })
  const others = Object.keys(statusCodeStats ?? {}).filter((code) => Number(code) !== status)
  if (errors > 0 || others.length > 0)
    throw new Error(`${path} answered ${others.join(', ')}, with ${errors} errors`)
  return { perSecond: requests.average, p99Ms: latency.p99 }
}

/** What clients of builder-web ask for all day, against the pages at the same addresses; nothing changes meanwhile. */
export async function measureCachedAnswers(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  const { job, uuid } = seedBuilds(dataDir, 20, 50)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  const page = (path: string): Address => ({ path, accept: 'text/html', status: 200 })
  const json = (path: string): Address => ({ path, accept: 'application/json', status: 200 })
  const build = buildPath(job, uuid)
  const compared = [
    { what: 'main-binary', asked: { ...page(`${build}/main-binary`), status: 302 }, beside: page(build) },
    { what: 'JSON of a job', asked: json(jobPath(job)), beside: page(jobPath(job)) },
    { what: 'JSON of a build', asked: json(build), beside: page(build) },
    { what: 'JSON of /all-builds', asked: json('/all-builds'), beside: page('/all-builds') },
  ].map((one) => ({ ...one, askedSpeeds: new Array<Speed>(), besideSpeeds: new Array<Speed>() }))
  try {
    for (const { asked, beside } of compared)
      for (const address of [asked, beside]) await speedOf(server.url, address)
    for (let round = 0; round < rounds; round++)
      for (const { asked, beside, askedSpeeds, besideSpeeds } of compared) {
        askedSpeeds.push(await speedOf(server.url, asked))
        besideSpeeds.push(await speedOf(server.url, beside))
      }
    return compared.flatMap(({ what, askedSpeeds, besideSpeeds }): Measurement[] => {
      const median = (speeds: Speed[], field: keyof Speed) => medianOf(speeds.map((one) => one[field]))
      const pages = median(besideSpeeds, 'perSecond')
      const pageP99Ms = median(besideSpeeds, 'p99Ms')
      return [
        {
          what: `${what}, ${connections} connections`,
          value: median(askedSpeeds, 'perSecond'),
          unit: '/s',
          against: { what: `0.9 × the page (${pages.toFixed(0)}/s)`, value: 0.9 * pages, wanted: 'at least' },
        },
        {
          what: 'the same, 99th percentile',
          value: median(askedSpeeds, 'p99Ms'),
          unit: 'ms',
          // In whole milliseconds: one more is no difference.
          against: {
            what: `1 ms more than the page (${pageP99Ms} ms)`,
            value: pageP99Ms + 1,
            wanted: 'at most',
          },
        },
      ]
    })
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
