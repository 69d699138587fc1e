import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import autocannon from 'autocannon'
import { uploadRecord } from '../demo/upload-record.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedAnalyses, seedBuilds, type Seeded } from './seed.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'

type Operation = {
  name: string
  variables: (seeded: Pick<Seeded, 'job' | 'uuid'>) => Record<string, unknown>
  /** The time that builder-web takes for this page, on such a machine. */
  builderWebMs: number
}

/** The queries of the main pages of the web application. */
export const operations: readonly Operation[] = [
  { name: 'HomePage', variables: () => ({ filter: { recent: true } }), builderWebMs: 1000 / 24 },
  { name: 'JobPage', variables: ({ job }) => ({ name: job, first: 50 }), builderWebMs: 1000 / 82 },
  { name: 'BuildPage', variables: ({ uuid }) => ({ uuid, first: 50 }), builderWebMs: 1000 / 7 },
]

const manyBuilds = 5_000

/** The text of one of the application's operations. */
export function readOperation(name: string): string {
  const file = join(findProjectDir(), 'web/gql/persisted-documents.json')
  const documents = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
  const found = documents.find((text) => new RegExp(`\\bquery ${name}\\b`).test(text))
  if (!found) throw new Error(`the application has no operation ${name}`)
  return found
}

/** Ask one of the application's operations. Throws when it fails. */
export async function askOperation(
  url: string,
  name: string,
  variables: Record<string, unknown>,
): Promise<void> {
  await ask(url, JSON.stringify({ query: readOperation(name), variables }))
}

async function ask(url: string, body: string): Promise<void> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body,
  })
  const { errors } = (await answer.json()) as { errors?: unknown[] }
  if (errors) throw new Error(`an operation failed: ${JSON.stringify(errors)}`)
}

/** Median in ms of an operation that is executed each time: a variable that nothing uses makes it new to the cache. */
export async function medianMs(
  url: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 220; run++) {
    const body = JSON.stringify({ query, variables: { ...variables, run: `${run}/${performance.now()}` } })
    const startedAt = performance.now()
    await ask(url, body)
    if (run >= 20) times.push(performance.now() - startedAt)
  }
  return medianOf(times)
}

async function cachedPerSecond(
  url: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<number> {
  const body = JSON.stringify({ query, variables })
  await ask(url, body)
  const result = await autocannon({
    url: `${url}/graphql`,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
    connections: 8,
    duration: 4,
  })
  if (result.non2xx > 0) throw new Error(`${result.non2xx} answers were not 2xx`)
  return result.requests.average
}

const visitSeconds = 10
const asksPerSecond = 20

/**
 * Times in ms of an operation that is asked for 20 times a second while a build arrives every second,
 * far more often than at any site: each build ends all answers that the cache has.
 */
async function visitTimesMs(
  url: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<number[]> {
  const body = JSON.stringify({ query, variables })
  const times: number[] = []
  const startedAt = performance.now()
  for (let visit = 0; visit < visitSeconds * asksPerSecond; visit++) {
    if (visit % asksPerSecond === 0) await uploadRecord(url, user, record(1_000, 2))
    const askedAt = performance.now()
    await ask(url, body)
    times.push(performance.now() - askedAt)
    await setTimeout(Math.max(0, startedAt + ((visit + 1) * 1000) / asksPerSecond - performance.now()))
  }
  return times.toSorted((a, b) => a - b)
}

async function measureSite(jobs: number, builds: number) {
  const dataDir = makeDataDir()
  const seeded = seedBuilds(dataDir, jobs, builds)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    const found = []
    for (const { name, variables, builderWebMs } of operations) {
      const query = readOperation(name)
      const values = variables(seeded)
      const visits = await visitTimesMs(server.url, query, values)
      found.push({
        name,
        builderWebMs,
        visitMs: medianOf(visits),
        slowVisitMs: visits[Math.floor(visits.length * 0.95)] ?? NaN,
        executedMs: await medianMs(server.url, query, values),
        cachedPerSecond: await cachedPerSecond(server.url, query, values),
      })
    }
    return { startMs: server.startMs, operations: found }
  } finally {
    await server.stop()
    dataDir.remove()
  }
}

/** Median in ms of the build page of a job with 5,000 builds, of which so many have its main binary. */
async function measureBuildPage(buildsPerOutput: number): Promise<number> {
  const dataDir = makeDataDir()
  const { uuid } = seedBuilds(dataDir, 1, manyBuilds, buildsPerOutput)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    return await medianMs(server.url, readOperation('BuildPage'), { uuid, first: 50 })
  } finally {
    await server.stop()
    dataDir.remove()
  }
}

export async function measureOperations(): Promise<Measurement[]> {
  const site = await measureSite(50, 200)
  const bigSite = await measureSite(50, manyBuilds)
  const unconfirmedMs = await measureBuildPage(1)
  const reproducedMs = await measureBuildPage(manyBuilds)
  return [
    ...site.operations.flatMap((operation): Measurement[] => [
      {
        what: `${operation.name}, 50 jobs × 200 builds, while a build arrives every second, median`,
        value: operation.visitMs,
        unit: 'ms',
        against: { what: 'budget', value: 5, wanted: 'at most' },
      },
      {
        what: `${operation.name}, the same, 95th percentile`,
        value: operation.slowVisitMs,
        unit: 'ms',
        against: { what: "builder-web's median", value: operation.builderWebMs, wanted: 'at most' },
      },
      {
        what: `${operation.name}, executed each time, median`,
        value: operation.executedMs,
        unit: 'ms',
        against: { what: "builder-web's median", value: operation.builderWebMs, wanted: 'at most' },
      },
      {
        what: `${operation.name}, answered from cache`,
        value: operation.cachedPerSecond,
        unit: '/s',
        against: { what: 'budget', value: 1_000, wanted: 'at least' },
      },
    ]),
    ...bigSite.operations.map(({ name, executedMs }, n): Measurement => ({
      what: `${name}, 50 jobs × 5,000 builds, executed, median`,
      value: executedMs,
      unit: 'ms',
      against: {
        what: '1.5 × with 200 builds',
        value: 1.5 * (site.operations[n]?.executedMs ?? NaN),
        wanted: 'at most',
      },
    })),
    {
      what: 'BuildPage of a build with 5,000 reproductions, executed, median',
      value: reproducedMs,
      unit: 'ms',
      against: { what: '1.5 × with none', value: 1.5 * unconfirmedMs, wanted: 'at most' },
    },
    {
      what: 'start to ready with 250,000 builds',
      value: bigSite.startMs,
      unit: 'ms',
      against: { what: 'budget', value: 1_500, wanted: 'at most' },
    },
  ]
}
