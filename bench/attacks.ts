import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { buildPath } from '../server/paths.ts'
import type { Attack, AttackMessage, AttackRequest, AttackResult } from './attacker.ts'
import { buildWithSwitch } from './diffs.ts'
import { readOperation } from './operations.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedAnalyses, seedBuilds } from './seed.ts'
import { childrenCpuMs, cpuMs, mainThreadMs } from './process-times.ts'
import {
  makeDataDir,
  prepareDatabase,
  startServerProcess,
  user,
  type ServerProcess,
} from './server-process.ts'
import { record } from './uploads.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const mebibyte = 1024 ** 2
const attackSeconds = 6
const visitEveryMs = 20
const limitMs = 100
const limitMebibytes = 600
const jobs = 20
const comparedBuilds = 16
const manyPlatforms = 300
const readmeJobs = 10

/** `run` is a variable that nothing uses: no answer is in the cache. */
function operation(query: string, variables: Record<string, unknown> = {}): AttackRequest {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ query, variables: { ...variables, run: '{n}' } }),
  }
}

const aliased = (count: number, field: string) =>
  Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ')

/** Queries of the largest price that is allowed, or nearly. */
function expensiveQueries(scripted: ExecRecord): AttackRequest[] {
  const reproducibility = (selection: string, size: number) =>
    operation(`{ builds(first: ${size}) { nodes { reproducibility { ${selection} } } } }`)
  return [
    reproducibility('reproductions(last: 1, input: OTHER) { totalCount nodes { uuid } }', 100),
    reproducibility('uploaders otherOutputCount reproductions(first: 1, input: SAME) { totalCount }', 90),
    operation(`{ build(uuid: "${scripted.uuid}") { ${aliased(15, 'script')} } }`),
    operation(
      '{ jobs(first: 100) { nodes { builds(first: 15) { nodes { uuid startedAt finishedAt status } } } } }',
    ),
  ]
}

/** What costs more the more platforms there are. */
const platformQueries = (): AttackRequest[] => [
  operation(readOperation('HomePage'), { filter: { recent: true } }),
  operation('{ platforms(first: 100) { nodes { name jobs(first: 50) { totalCount nodes { name } } } } }'),
  operation('{ jobs(first: 50) { nodes { outputs(first: 50) { totalCount nodes { verdict } } } } }'),
]

/** Several comparisons at once, in each request others. */
function comparisons(builds: readonly ExecRecord[]): AttackRequest[] {
  const pairs = builds.flatMap((left) => builds.map((right) => [left.uuid, right.uuid] as const))
  const distinct = pairs.filter(([left, right]) => left !== right)
  const diff = ([left, right]: readonly [string, string]) =>
    `diff(left: "${left}", right: "${right}") { opam { onlyLeft { name } } }`
  return Array.from({ length: Math.floor(distinct.length / 5) }, (_, n) =>
    operation(
      `{ ${distinct
        .slice(5 * n, 5 * n + 5)
        .map((pair, at) => `a${at}: ${diff(pair)}`)
        .join(' ')} }`,
    ),
  )
}

/** A small build of a job of its own, or on a platform of its own. */
function smallBuild(job: string, platform: string, files: Record<string, string> = {}): ExecRecord {
  return {
    ...record(1_000, 1),
    job,
    platform,
    uuid: randomUUID(),
    artifacts: Object.entries({ 'bin/a': job, ...files }).map(([path, content]) => {
      const bytes = Buffer.from(content)
      return { path, sizeBytes: bytes.length, data: () => [bytes] }
    }),
  }
}

/** Delimiters that may open and never close take long to render. */
const hostileReadme = (n: number) => `# ${n}\n\n${'*a **a _a __a [a ~~a '.repeat(10_000)}`

/** None is asked twice while the attack lasts: the checks of one password are one check. */
const wrongPasswords: AttackRequest[] = Array.from({ length: 20_000 }, (_, n) => ({
  method: 'POST',
  path: '/upload',
  headers: { Authorization: `Basic ${Buffer.from(`mallory-${n}:${n}`).toString('base64')}` },
}))

/** Times in ms of pages of jobs, asked for at a steady rate by somebody who attacks nothing. */
async function visit(url: string, seconds: number): Promise<number[]> {
  const times: number[] = []
  const startedAt = performance.now()
  for (let n = 0; performance.now() - startedAt < seconds * 1000; n++) {
    const askedAt = performance.now()
    const answer = await fetch(`${url}/job/job-${String(n % jobs).padStart(3, '0')}`, {
      headers: { Accept: 'text/html' },
    })
    await answer.arrayBuffer()
    const tookMs = performance.now() - askedAt
    if (!answer.ok) throw new Error(`a visitor got ${answer.status}`)
    times.push(tookMs)
    await setTimeout(Math.max(0, visitEveryMs - tookMs))
  }
  return times.toSorted((a, b) => a - b)
}

type Shares = {
  /** Of one core. */
  mainThread: number
  /** Of the time: the main thread was ready to run, but others had all cores. */
  waiting: number
  server: number
  workers: number
  generator: number
}

/** What the processor did until the returned function is called. */
function watchProcessor(server: number, generator: number): () => Shares {
  const look = () => ({
    at: performance.now(),
    mainThread: mainThreadMs(server),
    server: cpuMs(server),
    workers: childrenCpuMs(server),
    generator: cpuMs(generator),
  })
  const before = look()
  return () => {
    const after = look()
    const share = (ms: number) => ms / (after.at - before.at)
    return {
      mainThread: share(after.mainThread.ranMs - before.mainThread.ranMs),
      waiting: share(after.mainThread.waitedMs - before.mainThread.waitedMs),
      server: share(after.server - before.server),
      workers: share(Math.max(0, after.workers - before.workers)),
      generator: share(after.generator - before.generator),
    }
  }
}

/** How long a visitor's pages take while an attack runs, what the attack was answered, and what it cost. */
async function visitUnderAttack({ url, pid, eventLoop }: ServerProcess, attack: Attack) {
  const attacker = fork(join(import.meta.dirname, 'attacker.ts'))
  const tell = (message: AttackMessage) => attacker.send(message)
  try {
    tell({ url, attack })
    await setTimeout(1_000)
    eventLoop.reset()
    const shares = watchProcessor(pid, attacker.pid ?? NaN)
    const times = await visit(url, attackSeconds)
    const found = { times, shares: shares(), delay: await eventLoop.read() }
    tell('stop')
    const [answers] = (await once(attacker, 'message')) as [AttackResult]
    return { ...found, answers }
  } finally {
    attacker.kill()
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`

/** Throws unless the server does the work that the attack is about. */
async function probe(url: string, { requests }: Attack, status: number): Promise<void> {
  for (const { method, path, headers = {}, body } of requests.slice(0, 5)) {
    const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
    const text = path === '/graphql' ? await answer.text() : ''
    await answer.body?.cancel().catch(() => {})
    if (answer.status !== status || text.includes('"errors"'))
      throw new Error(`${method} ${path} ${body ?? ''} answered ${answer.status} ${text.slice(0, 500)}`)
  }
}

/** Runs the attacks whose names contain `word`. */
export async function measureAttacks(word: string): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  // All builds of a job have one input, and each its own output.
  seedBuilds(dataDir, jobs, 300, 1, 300)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const settings = {
    BUILDER_HUB_TRUSTED_PROXIES: '1',
    // Its stop at the end breaks off what attackers still wait for, which it would tell.
    BUILDER_HUB_LOG_LEVEL: 'silent',
  } as const
  const server = await startServerProcess(dataDir, settings, { watchesEventLoop: true })
  const db = new Database(dataDir.databaseFile, { readonly: true })
  try {
    const upload = (build: ExecRecord) => uploadRecord(server.url, user, build)
    const scripted: ExecRecord = { ...record(1_000, 1), script: Buffer.alloc(16 * mebibyte, '#a line\n') }
    const large = record(32 * mebibyte, 2)
    const compared = Array.from({ length: comparedBuilds }, (_, n) => buildWithSwitch(10 * n, n))
    for (const build of [scripted, large, ...compared]) await upload(build)
    for (let n = 0; n < manyPlatforms; n++) await upload(smallBuild('many', `platform-${n}`))
    await until(() => countWaiting(db) === 0)

    const readmes = Array.from({ length: readmeJobs }, (_, n) =>
      smallBuild(`readme-${n}`, 'debian-12', { 'README.md': hostileReadme(n) }),
    )
    const attacks: { what: string; attack: Attack; status?: number; before?: () => Promise<void> }[] = [
      {
        what: 'expensive queries',
        attack: { connections: 20, addresses: 1, requests: expensiveQueries(scripted) },
      },
      {
        what: 'expensive queries of 10 addresses',
        attack: { connections: 40, addresses: 10, requests: expensiveQueries(scripted) },
      },
      {
        what: `lists of ${manyPlatforms} platforms`,
        attack: { connections: 20, addresses: 1, requests: platformQueries() },
      },
      {
        what: 'comparisons of 10 addresses',
        attack: { connections: 20, addresses: 10, requests: comparisons(compared) },
      },
      {
        what: 'slow readers of archives',
        attack: {
          connections: 200,
          addresses: 100,
          requests: [{ method: 'GET', path: `${buildPath(large.job, large.uuid)}/all.tar.gz` }],
          isSlow: true,
        },
      },
      {
        what: 'wrong passwords of 1,000 addresses',
        attack: {
          connections: 100,
          addresses: 1_000,
          requests: wrongPasswords,
        },
        status: 401,
      },
      {
        what: 'hostile readmes',
        attack: {
          connections: 20,
          addresses: 1,
          requests: readmes.map(({ job }) => operation(`{ job(name: "${job}") { readme { html } } }`)),
        },
        async before() {
          for (const build of readmes) await upload(build)
        },
      },
    ]
    await visit(server.url, 2)
    const quietMs = (await visit(server.url, 4)).at(-1) ?? NaN
    process.stdout.write(`   without an attack, pages take ${quietMs.toFixed(1)} ms at most\n`)
    const found: Measurement[] = []
    let highest = 0
    for (const { what, attack, status = 200, before } of attacks) {
      if (!what.includes(word)) continue
      await before?.()
      if (!before) await probe(server.url, attack, status)
      server.resetPeak()
      const { times, answers, shares, delay } = await visitUnderAttack(server, attack)
      const { peak } = server.memory()
      highest = Math.max(highest, peak)
      process.stdout.write(
        `   ${what}: answers by status ${JSON.stringify(answers)}\n` +
          `     cores had: the server ${percent(shares.server)} (its main thread ${percent(shares.mainThread)}), ` +
          `its workers ${percent(shares.workers)}, the generator ${percent(shares.generator)}, ` +
          `of ${100 * availableParallelism()} %; the main thread waited for a core ${percent(shares.waiting)} of the time\n` +
          `     event loop late by ${delay.p95Ms.toFixed(0)} ms (95th percentile), ${delay.maxMs.toFixed(0)} ms at most; ` +
          `memory up to ${Math.round(peak / mebibyte)} MiB\n`,
      )
      const p95Ms = times[Math.floor(times.length * 0.95)] ?? NaN
      const against = { what: 'budget', value: limitMs, wanted: 'at most' } as const
      found.push(
        { what: `page during ${what}, median`, value: medianOf(times), unit: 'ms', against },
        { what: 'the same, 95th percentile', value: p95Ms, unit: 'ms', against },
        { what: 'event loop late, 95th percentile', value: delay.p95Ms, unit: 'ms', against },
      )
    }
    const { now } = server.memory()
    for (const [what, bytes] of [
      ['resident memory after all attacks', now],
      ['highest resident memory', highest],
    ] as const) {
      found.push({
        what,
        value: bytes / mebibyte,
        unit: 'MiB',
        against: { what: 'budget', value: limitMebibytes, wanted: 'at most' },
      })
    }
    return found
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}
