import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort, startCluster, type Cluster } from '../postgresql/cluster.ts'
import { makeTemplate } from '../postgresql/make-template.ts'
import { doubleCredentials, s3Double, type S3Double } from '../s3/s3-double.ts'
import { templateDatabase } from '../template.ts'
import { serverProcess, type ServerProcess } from './server-process.ts'

/** Three servers, as operators start them, on one PostgreSQL and one store, both of which are this process's own. */
export type TortureSite = {
  servers: readonly ServerProcess[]
  cluster: Cluster
  databaseUrl: string
  double: S3Double
  /** Settings of a server, or of a command that runs beside the servers. */
  settingsOf: (at: number) => Record<string, string>
  /** A data directory of a server more, with the keys of the site. */
  makeDataDir: (at: number) => void
  ask: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>
  /** The server that leads, as the database says, and its term; null: the one that led was killed, and its lease runs. */
  leader: () => Promise<{ server: ServerProcess; term: number } | null>
  close: () => Promise<void>
}

const serverCount = 3
const databaseName = 'torture'

/** A server that was killed leaves its row. The one that was started in its place has a new id, and the same name. */
const newestOfPorts = 'SELECT DISTINCT ON (name) id FROM "Server" ORDER BY name, "startedAt" DESC'

export async function startSite(): Promise<TortureSite> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-torture-'))
  const cluster = await startCluster()
  const double = await s3Double()
  const keysFile = join(dir, 'keys.ini')
  writeFileSync(keysFile, doubleCredentials)
  await makeTemplate(cluster)
  await ask(cluster.url, `CREATE DATABASE ${databaseName} TEMPLATE ${templateDatabase}`)
  const databaseUrl = cluster.urlOf(databaseName)
  const dataDirOf = (at: number) => join(dir, `server-${at}`)
  const settingsOf = (at: number) => ({
    BUILDER_HUB_DATA_DIR: dataDirOf(at),
    BUILDER_HUB_DATABASE_URL: databaseUrl,
    BUILDER_HUB_BLOB_STORE: double.address(),
    BUILDER_HUB_S3_CREDENTIALS_FILE: keysFile,
    BUILDER_HUB_SERVERS: 'several',
    BUILDER_HUB_DRAIN_DELAY: '1',
    BUILDER_HUB_LOG_LEVEL: 'warn',
  })
  const servers: ServerProcess[] = []
  for (let at = 0; at < serverCount; at++) {
    const port = await freePort()
    servers.push(serverProcess({ url: `http://127.0.0.1:${port}`, port }, settingsOf(at)))
  }
  const site: TortureSite = {
    ...{ servers, cluster, databaseUrl, double, settingsOf },
    makeDataDir(at) {
      mkdirSync(dataDirOf(at), { mode: 0o700 })
      for (const name of ['keys', 'log-head'])
        cpSync(join(dataDirOf(0), name), join(dataDirOf(at), name), { recursive: true })
    },
    ask: (sql, values) => ask(databaseUrl, sql, values),
    async leader() {
      const [row] = await ask<{ name: string; term: number }>(
        databaseUrl,
        `SELECT s.name, l.term FROM "Leader" l JOIN "Server" s ON s.id = l."serverId"
         WHERE l."leaseUntil" > clock_timestamp() AT TIME ZONE 'UTC' AND s.id IN (${newestOfPorts})`,
      )
      const server = servers.find(({ port }) => row?.name.endsWith(`:${port}`))
      return row && server ? { server, term: row.term } : null
    },
    async close() {
      for (const server of servers) server.send('SIGKILL')
      await Promise.all(servers.map((server) => server.ended()))
      await double.close()
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  try {
    const [first, ...others] = servers
    await first?.start()
    for (let at = 1; at < serverCount; at++) site.makeDataDir(at)
    await Promise.all(others.map((server) => server.start()))
  } catch (error) {
    await site.close()
    throw error
  }
  return site
}

export async function ask<Row extends object>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  // PostgreSQL ends connections when it restarts: the statement says so.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(sql, values)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
