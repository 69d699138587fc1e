import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { readConfig, type Config } from '../../server/config.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer, type RunningServer } from '../../server/start-server.ts'
import { alice, basicAuth, bytesOf, projectDir, temporaryDir } from '../app.ts'
import { makeDatabase } from '../database.ts'
import { startChild } from '../durability/server-child.ts'
import { file, sampleRecord } from '../record.ts'
import { doubleCredentials, s3Double } from '../s3/s3-double.ts'
import { uuidOf } from '../server/graphql-site.ts'
import { templateDatabase } from '../template.ts'

// Several servers on one database and one object store.

type Site = {
  databaseUrl: string
  settingsOf: (dataDir: string) => Record<string, string>
  remove: () => Promise<void>
}

async function makeSite(): Promise<Site> {
  const double = await s3Double()
  const { url: databaseUrl, drop } = await makeDatabase(`TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`)
  const keys = join(mkdtempSync(join(tmpdir(), 'builder-hub-keys-')), 'keys.ini')
  writeFileSync(keys, doubleCredentials)
  return {
    databaseUrl,
    settingsOf: (dataDir) => ({
      BUILDER_HUB_DATA_DIR: dataDir,
      BUILDER_HUB_DATABASE_URL: databaseUrl,
      BUILDER_HUB_BLOB_STORE: double.address(),
      BUILDER_HUB_S3_CREDENTIALS_FILE: keys,
      BUILDER_HUB_SERVERS: 'several',
      BUILDER_HUB_PORT: '0',
      BUILDER_HUB_LOG_LEVEL: 'silent',
    }),
    async remove() {
      await double.close()
      await drop()
      rmSync(dirname(keys), { recursive: true })
    },
  }
}

const configOf = (site: Site, dataDir: string, more: Record<string, string> = {}): Config =>
  readConfig({ ...site.settingsOf(dataDir), ...more })

/** Gives a data directory what servers of one site have in common. */
function shareKeys(dataDir: string, other: string): void {
  for (const name of ['keys', 'log-head']) cpSync(join(dataDir, name), join(other, name), { recursive: true })
}

function besides(dataDir: string): string {
  const other = temporaryDir()
  shareKeys(dataDir, other)
  return other
}

const serve = (site: Site, dataDir: string, more: Record<string, string> = {}): Promise<RunningServer> =>
  startServer(configOf(site, dataDir, more), projectDir, { authenticating: { scryptN: 256 } })

async function ask<Row extends object>({ databaseUrl }: Site, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

const leaders = (site: Site) =>
  ask<{ term: number; serverId: string }>(site, 'SELECT term, "serverId" FROM "Leader"')

/** As if the leader had said nothing for the time of its lease. */
const endLease = (site: Site) => ask(site, `UPDATE "Leader" SET "leaseUntil" = '2000-01-01'`)

const contentOf = (n: number) => createHash('sha512').update(`content ${n}`).digest()

const recordOf = (n: number) =>
  sampleRecord({ uuid: uuidOf(n), job: 'hello', artifacts: [file('bin/hello', contentOf(n))] })

/** Status of the answer; 0: there is none. */
async function upload(url: string, n: number): Promise<number> {
  const answer = await fetch(`${url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: await bytesOf(encodeExecRecord(recordOf(n))),
  }).catch(() => null)
  await answer?.text().catch(() => '')
  return answer?.status ?? 0
}

const hasContent = async (url: string, n: number): Promise<boolean> => {
  const answer = await fetch(`${url}/job/hello/build/${uuidOf(n)}/f/bin/hello`)
  return answer.ok && Buffer.from(await answer.arrayBuffer()).equals(contentOf(n))
}

/** UUID of the newest build, by an answer that servers keep in memory until something changes. */
async function newestAt(url: string): Promise<string> {
  const answer = await fetch(`${url}/job/hello/build/latest`, { redirect: 'manual' })
  return /[0-9a-f-]{36}/.exec(answer.headers.get('location') ?? '')?.[0] ?? ''
}

test('what a killed server has acknowledged is served by another one, which leads in its place', async () => {
  const site = await makeSite()
  onTestFinished(site.remove)
  const dataDir = temporaryDir()
  const killed = await startChild(dataDir, 'plain', site.settingsOf(dataDir))
  const [first] = await leaders(site)
  const other = await serve(site, besides(dataDir))
  onTestFinished(other.stop)
  expect(await upload(killed.url, 1)).toBe(201)
  expect(await hasContent(other.url, 1)).toBe(true)
  expect(await leaders(site)).toEqual([first])

  const acknowledged: number[] = []
  const numbers = Array.from({ length: 24 }, (_, at) => at + 2)
  const unsure: number[] = []
  const client = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
      const status = await upload(killed.url, n)
      if (status === 201) acknowledged.push(n)
      else unsure.push(n)
      if (acknowledged.length === 6) killed.kill()
    }
  }
  await Promise.all([client(), client(), client(), client()])
  await killed.ended
  expect(acknowledged.length).toBeGreaterThanOrEqual(6)
  expect(unsure).not.toEqual([])
  for (const n of unsure) expect([201, 409]).toContain(await upload(other.url, n))
  for (const n of [...acknowledged, ...unsure]) expect(await hasContent(other.url, n)).toBe(true)
  expect(await ask(site, 'SELECT COUNT(*)::int AS count FROM "Build"')).toEqual([{ count: 25 }])

  await endLease(site)
  await expect
    .poll(() => leaders(site))
    .toEqual([{ term: 2, serverId: expect.not.stringMatching(first?.serverId ?? '') }])
})

test('a leader that another server has followed writes nothing, and stops', async () => {
  const site = await makeSite()
  onTestFinished(site.remove)
  const server = await serve(site, temporaryDir())
  onTestFinished(server.stop)
  // As if this process had stood still for longer than its lease.
  await ask(site, `UPDATE "Leader" SET "serverId" = 'another', term = term + 1, "leaseUntil" = '9999-01-01'`)
  // 0: it has noticed before the upload came.
  expect([503, 0]).toContain(await upload(server.url, 1))
  await server.lost
  expect(await leaders(site)).toEqual([{ term: 2, serverId: 'another' }])
  expect(await ask(site, 'SELECT COUNT(*)::int AS count FROM "Build"')).toEqual([{ count: 0 }])
})

// What follows shares two servers. The last test stops the first one.

let site: Site
let dataDir: string
/** It leads. */
let one: RunningServer
let other: RunningServer

beforeAll(async () => {
  site = await makeSite()
  dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-servers-'))
  one = await serve(site, dataDir, { BUILDER_HUB_DRAIN_DELAY: '2' })
  const otherDir = join(dataDir, 'other')
  shareKeys(dataDir, otherDir)
  other = await serve(site, otherDir)
  return async () => {
    await one.stop()
    await other.stop()
    await site.remove()
    rmSync(dataDir, { recursive: true })
  }
})

test('answers from memory follow what another server stores, also after lost notifications', async () => {
  expect(await upload(one.url, 1)).toBe(201)
  for (let n = 2; n <= 5; n++) {
    expect(await newestAt(other.url)).toBe(uuidOf(n - 1))
    // Nobody listens while it is stored.
    if (n % 2 === 0)
      await ask(
        site,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'builder-hub changes'
         AND datname = current_database()`,
      )
    expect(await upload(one.url, n)).toBe(201)
    await expect.poll(() => newestAt(other.url)).toBe(uuidOf(n))
  }
})

test('servers count wrong passwords together', async () => {
  const servers = [one, other]
  const attempt = async (at: number) => {
    const answer = await fetch(`${servers[at % 2]?.url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth({ name: 'bob', password: `wrong ${at}` }) },
      body: 'x',
    })
    await answer.text()
    return answer.status
  }
  const statuses = []
  for (let at = 0; at < 12; at++) statuses.push(await attempt(at))
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
})

test('a server without the keys of the others does not start', async () => {
  const start = (dir: string, more: Record<string, string> = {}) =>
    startServer(configOf(site, dir, more), projectDir)
  await expect(start(temporaryDir())).rejects.toThrow(/secrets\.key is missing that the server .* has: copy/)
  const foreign = temporaryDir()
  mkdirSync(join(foreign, 'keys'))
  writeFileSync(join(foreign, 'keys/secrets.key'), randomBytes(32))
  await expect(start(foreign)).rejects.toThrow('secrets.key is not the one that the server')
  const withoutLog = besides(dataDir)
  rmSync(join(withoutLog, 'keys/log.pem'))
  await expect(start(withoutLog)).rejects.toThrow('log.pem is missing, with which this site signs: copy')
  await expect(start(besides(dataDir), { BUILDER_HUB_SERVERS: 'one' })).rejects.toThrow('another server uses')
  await expect(start(temporaryDir(), { BUILDER_HUB_BLOB_STORE: '' })).rejects.toThrow(
    '--servers several needs --database-url and --blob-store',
  )
})
test('a server that stops says first that it is not ready, and another one leads at once', async () => {
  const before = await leaders(site)
  const stopped = one.stop()
  const answers = await Promise.all(
    ['/ready', '/health/ready', '/'].map((path) => fetch(`${one.url}${path}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 200])
  await stopped
  await expect.poll(async () => (await leaders(site))[0]?.term).toBe((before[0]?.term ?? 0) + 1)
  expect(await upload(other.url, 9)).toBe(201)
  expect(await ask(site, 'SELECT COUNT(*)::int AS count FROM "Server"')).toEqual([{ count: 1 }])
})
