// SQLite and PostgreSQL on the same machine, in turns: uploads, and the pages' operations.
import pLimit from 'p-limit'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { siteDatabaseOf } from '../server/database/site-database.ts'
import { byServer } from '../server/audit/actor.ts'
import { addUser } from '../server/users/add-user.ts'
import { postgresqlBinDir, startCluster } from '../test/postgresql/cluster.ts'
import { medianMs, operations, readOperation } from './operations.ts'
import { medianOf, type Measurement } from './report.ts'
import { makeDataDir, startServerProcess, user, type ServerProcess } from './server-process.ts'
import { record } from './uploads.ts'

const jobs = 20
const uploadsInARound = 100
const rounds = 5

type Engine = { server: ServerProcess; perSecond: number[]; stop: () => Promise<void> }

/** A server with a user, on a new data directory and a new database. */
async function startEngine(databaseUrl: string): Promise<Engine> {
  const dataDir = makeDataDir()
  const site = await siteDatabaseOf({ databaseUrl, databaseFile: dataDir.databaseFile })
  await site.migrate()
  const database = await site.open()
  await addUser(database.writer, byServer(), { ...user, unrestricted: true })
  await database.closeDatabase()
  const server = await startServerProcess(dataDir, { BUILDER_HUB_DATABASE_URL: databaseUrl })
  return {
    ...{ server, perSecond: [] },
    async stop() {
      await server.stop()
      dataDir.remove()
    },
  }
}

/** Uploads a second, 4 at a time, of small builds of all jobs. */
async function uploadRound({ server: { url } }: Engine, records: readonly ExecRecord[]): Promise<number> {
  const atATime = pLimit(4)
  const startedAt = performance.now()
  await Promise.all(records.map((one) => atATime(() => uploadRecord(url, user, one))))
  return records.length / ((performance.now() - startedAt) / 1000)
}

const recordsOfARound = () =>
  Array.from({ length: uploadsInARound }, (_, n) => ({ ...record(4_000, 4), job: `job-${n % jobs}` }))

async function compare(sqlite: Engine, postgresql: Engine): Promise<Measurement[]> {
  let uuid = ''
  // The first round is not counted: it compiles the code.
  for (let round = 0; round <= rounds; round++) {
    const records = recordsOfARound()
    uuid = records[0]?.uuid ?? ''
    for (const engine of [sqlite, postgresql]) {
      const perSecond = await uploadRound(engine, records)
      if (round > 0) engine.perSecond.push(perSecond)
    }
  }
  const found: Measurement[] = [
    {
      what: 'uploads to PostgreSQL, 4 at a time',
      value: medianOf(postgresql.perSecond),
      unit: '/s',
      against: { what: '0.5 × SQLite', value: 0.5 * medianOf(sqlite.perSecond), wanted: 'at least' },
    },
  ]
  for (const { name, variables } of operations) {
    const query = readOperation(name)
    const askedFor = variables({ job: 'job-0', uuid })
    const sqliteMs = await medianMs(sqlite.server.url, query, askedFor)
    found.push({
      what: `${name} on PostgreSQL, not cached`,
      value: await medianMs(postgresql.server.url, query, askedFor),
      unit: 'ms',
      against: { what: '2 × SQLite', value: 2 * sqliteMs, wanted: 'at most' },
    })
  }
  return found
}

export async function measureEngines(): Promise<Measurement[]> {
  if (postgresqlBinDir() === null) {
    process.stdout.write('skipped: PostgreSQL is not installed\n')
    return []
  }
  const cluster = await startCluster({ isDurable: true })
  try {
    const sqlite = await startEngine('')
    try {
      const postgresql = await startEngine(cluster.url)
      try {
        return await compare(sqlite, postgresql)
      } finally {
        await postgresql.stop()
      }
    } finally {
      await sqlite.stop()
    }
  } finally {
    await cluster.stop()
  }
}
