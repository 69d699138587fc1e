import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { DataDirInUseError } from '../../server/data-dir-lock.ts'
import { openPostgresql } from '../../server/database/postgresql/open-postgresql.ts'
import { postgresqlDatabase } from '../../server/database/postgresql/postgresql-database.ts'
import { serverLock } from '../../server/database/postgresql/server-lock.ts'
import { missingMigrations } from '../../server/database/site-database.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer } from '../../server/start-server.ts'
import { receiveBuild } from '../../server/uploads/receive-build.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, basicAuth, bytesOf, projectDir, temporaryDir, testApp, type TestApp } from '../app.ts'
import { emptyDatabase, freshDatabase } from '../database.ts'
import { hub } from '../hub.ts'
import { isLong } from '../long.ts'
import { file, sampleRecord } from '../record.ts'
import { postgresqlBinDir, startCluster } from './cluster.ts'

const execute = promisify(execFile)
const clusterUrl = inject('postgresqlUrl') ?? ''
const migrations = join(projectDir, 'prisma/postgresql')

async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Everything of a schema but the table of its migrations. */
async function schemaOf(url: string): Promise<string> {
  const args = ['--schema-only', '--no-owner', '--exclude-table=_prisma_migrations', url]
  const { stdout } = await execute(join(postgresqlBinDir() ?? '', 'pg_dump'), args)
  // Newer versions of pg_dump frame their output with a random word.
  return stdout.replace(/^\\(un)?restrict .*$/gm, '')
}

/** Names for SQL of both engines, indexes of words, what keeps the audit log append-only, and the constraint of each column with hashes, which it checks to be there. */
async function dropWhatPrismaCannotDescribe(url: string): Promise<void> {
  const hashes = await ask<{ table: string; column: string }>(
    url,
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns WHERE data_type = 'bytea'
     AND table_schema = current_schema() AND (column_name ILIKE '%sha256%' OR column_name = 'inputId')`,
  )
  expect(hashes.length).toBeGreaterThan(15)
  for (const { table, column } of hashes)
    await ask(url, `ALTER TABLE "${table}" DROP CONSTRAINT "${table}_${column}_hash"`)
  await ask(url, 'DROP TRIGGER "AuditEntry_append_only" ON "AuditEntry"; DROP FUNCTION refuse_audit_change()')
  await ask(
    url,
    'DROP TRIGGER "Attestation_removed" ON "Attestation"; DROP FUNCTION note_removed_attestation()',
  )
  for (const name of ['JobSearch', 'FileSearch', 'PackageSearch', 'FailureSearch'])
    await ask(url, `DROP FUNCTION "${name}"(TEXT); DROP INDEX "${name}_idx"`)
  await ask(url, 'DROP FUNCTION search_query(TEXT); DROP FUNCTION search_words(TEXT)')
  await ask(url, 'DROP FUNCTION hex(bytea); DROP DOMAIN blob')
}

test('the migrations give the schema that schema.prisma describes', async () => {
  const [migrated, described] = [await emptyDatabase(), await emptyDatabase()]
  await postgresqlDatabase(migrated, migrations).migrate()
  const { stdout } = await execute(process.execPath, ['scripts/schema-sql.mjs', described], {
    cwd: projectDir,
  })
  await ask(described, stdout)
  await dropWhatPrismaCannotDescribe(migrated)
  expect(await schemaOf(migrated)).toBe(await schemaOf(described))
})

test('two servers that start at once migrate once; a later migration is applied alone', async () => {
  const folder = join(temporaryDir(), 'migrations')
  cpSync(migrations, folder, { recursive: true })
  const database = postgresqlDatabase(await emptyDatabase(), folder)
  expect(await database.isNew()).toBe(true)
  const both = await Promise.all([database.migrate(), database.migrate()])
  expect(both.map((names) => names.length).sort()).toEqual([0, both.flat().length])
  expect(await database.isNew()).toBe(false)
  mkdirSync(join(folder, '9001_later'))
  writeFileSync(join(folder, '9001_later/migration.sql'), 'CREATE TABLE later (id INTEGER)')
  expect(await missingMigrations(database)).toEqual(['9001_later'])
  expect(await database.migrate()).toEqual(['9001_later'])
  expect(await missingMigrations(database)).toEqual([])
})

test('a migration that fails leaves nothing', async () => {
  const folder = join(temporaryDir(), 'migrations')
  mkdirSync(join(folder, '0001_bad'), { recursive: true })
  writeFileSync(join(folder, '0001_bad/migration.sql'), 'CREATE TABLE one (id INTEGER); SELECT nowhere;')
  const url = await emptyDatabase()
  await expect(postgresqlDatabase(url, folder).migrate()).rejects.toThrow('nowhere')
  expect(await ask(url, `SELECT 1 FROM pg_tables WHERE tablename = 'one'`)).toEqual([])
})

test.each([
  [
    'another program',
    [],
    'CREATE TABLE bookmarks (url TEXT)',
    'one of another program (with the table bookmarks)',
  ],
  [
    'a newer version',
    ['migrate'],
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('x', 'x', '9999_newer')`,
    'made by a newer version (migrations 9999_newer). This version knows up to ',
  ],
  [
    'a changed migration',
    ['migrate'],
    `UPDATE "_prisma_migrations" SET checksum = 'x'`,
    'has changed since the database ',
  ],
])('a database of %s is refused', async (_name, before, sql, message) => {
  const url = await emptyDatabase()
  const database = postgresqlDatabase(url, migrations)
  if (before.includes('migrate')) await database.migrate()
  await ask(url, sql)
  await expect(database.migrate()).rejects.toThrow(message)
})

test.each([
  ['an encoding', `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`, 'has encoding LATIN1'],
  [
    'an order of names',
    `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0`,
    'and collation of a language',
  ],
])(
  'a database with %s of another kind is refused, with the command that makes a right one',
  async (_, how, says) => {
    const refused = postgresqlDatabase(await emptyDatabase(how), migrations).migrate()
    await expect(refused).rejects.toThrow(says)
    await expect(refused).rejects.toThrow(
      'createdb --template=template0 --encoding=UTF8 --locale-provider=libc --locale=C.UTF-8',
    )
  },
)

type Verdict = { reproducibility: { verdict: string } }

/** Two servers on one database. */
async function twoServers(): Promise<[TestApp, TestApp]> {
  const { openAgain, ...database } = await freshDatabase(temporaryDir())
  onTestFinished(database.closeDatabase)
  const other = await openAgain()
  onTestFinished(other.closeDatabase)
  return [await testApp({ database }), await testApp({ database: other })]
}

async function receive({ deps }: TestApp, record: ExecRecord): Promise<void> {
  await receiveBuild(
    deps,
    await deps.authenticate({ kind: 'password', ...alice }, 'test'),
    encodeExecRecord(record),
  )
}

test('two first builds of one input that arrive at two servers at once are not reproducible, in every round', async () => {
  const rounds = isLong ? 200 : 25
  const servers = await twoServers()
  for (let round = 0; round < rounds; round++) {
    const inputs = [
      file('opam-switch', `switch ${round}`),
      file('build-environment', ''),
      file('system-packages', ''),
    ]
    const records = servers.map((_, n) =>
      sampleRecord({
        uuid: randomUUID(),
        job: `job-${n}-of-${round}`,
        artifacts: [file('bin/hello.hvt', `output ${n} of ${round}`), ...inputs],
      }),
    )
    await Promise.all(servers.map((server, n) => receive(server, records[n] ?? sampleRecord())))
  }
  const { data, errors } = await servers[0].graphql(
    '{ builds(first: 100) { nodes { reproducibility { verdict } } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.builds.nodes).toHaveLength(Math.min(2 * rounds, 100))
  expect(new Set(data.builds.nodes.map((node: Verdict) => node.reproducibility.verdict))).toEqual(
    new Set(['NOT_REPRODUCIBLE']),
  )
})

test('of uploads of one UUID at two servers one is stored, and the other is refused', async () => {
  const servers = await twoServers()
  const record = sampleRecord({ uuid: randomUUID() })
  const answers = await Promise.all(servers.map((server) => server.upload(record)))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
})

test('an operator adds a user, starts a server, stops it and starts it again', async () => {
  const dataDir = temporaryDir()
  const url = await emptyDatabase()
  const user = { name: 'bob', password: 'secret' }
  const added = await hub(
    ['user', 'add', 'bob', '--unrestricted', '--data-dir', dataDir, '--database-url', url],
    { input: 'secret\n' },
  )
  expect(added).toEqual({ status: 0, stdout: 'user bob is created\n', stderr: '' })
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_DATABASE_URL: url,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const record = sampleRecord({ uuid: randomUUID() })
  const first = await startServer(config, projectDir)
  const answer = await fetch(`${first.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(user) },
    body: await bytesOf(encodeExecRecord(record)),
  })
  expect(answer.status).toBe(201)
  await first.stop()
  const second = await startServer(config, projectDir)
  onTestFinished(second.stop)
  expect((await fetch(`${second.url}/job/${record.job}/build/${record.uuid}`)).status).toBe(200)
})

test('a second server with a data directory of its own does not start on the same database', async () => {
  const url = await emptyDatabase()
  const configOf = () =>
    readConfig({
      BUILDER_HUB_DATA_DIR: temporaryDir(),
      BUILDER_HUB_DATABASE_URL: url,
      BUILDER_HUB_PORT: '0',
      BUILDER_HUB_LOG_LEVEL: 'silent',
    })
  const first = await startServer(configOf(), projectDir)
  onTestFinished(first.stop)
  await expect(startServer(configOf(), projectDir)).rejects.toThrow(
    `another server uses ${url}: stop it, or give this one its own --database-url`,
  )
})

/** Who has the lock of a server. */
const holdersOf = (url: string) =>
  ask<{ pid: number }>(
    url,
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = ${serverLock}
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )

async function endHolder(url: string): Promise<number | undefined> {
  const [holder] = await holdersOf(url)
  await ask(url, `SELECT pg_terminate_backend(${holder?.pid})`)
  return holder?.pid
}

test('a server whose lock is lost with its connection takes it again', async () => {
  const url = await emptyDatabase()
  const database = postgresqlDatabase(url, migrations)
  const lost = vi.fn()
  const { release } = await database.lock(lost)
  for (let n = 0; n < 2; n++) {
    const former = await endHolder(url)
    await expect.poll(async () => (await holdersOf(url)).filter(({ pid }) => pid !== former).length).toBe(1)
  }
  await expect(database.lock()).rejects.toThrow(DataDirInUseError)
  await release()
  await expect.poll(() => holdersOf(url)).toEqual([])
  expect(lost).not.toHaveBeenCalled()
})

test('a server whose lock another one has taken stops', async () => {
  const url = await emptyDatabase()
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: temporaryDir(),
    BUILDER_HUB_DATABASE_URL: url,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config, projectDir)
  onTestFinished(server.stop)
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  onTestFinished(() => other.end())
  // Waits in line, so that it has the lock at once.
  const taken = other.query(`SELECT pg_advisory_lock(${serverLock})`)
  await expect
    .poll(() => ask(url, `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`))
    .not.toEqual([])
  await endHolder(url)
  await taken
  await server.lost
  await expect(fetch(server.url)).rejects.toThrow()
})

test('hub analyse leaves analyses to a server on the database, whatever its data directory is', async () => {
  const url = await emptyDatabase()
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: temporaryDir(),
    BUILDER_HUB_DATABASE_URL: url,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config, projectDir)
  onTestFinished(server.stop)
  const outcome = await hub(['analyse', '--data-dir', temporaryDir(), '--database-url', url])
  expect(outcome).toMatchObject({ status: 0, stderr: '' })
  expect(outcome.stdout).toMatch(/^\d+ analyses wait; the server that uses postgresql:\S+ runs them/)
})

test.each([
  ['a server that does not run', 'postgresql://hub@127.0.0.1:1/hub', 'check that the server runs'],
  ['a database that is not there', new URL('/nowhere', clusterUrl).href, 'create it with "createdb'],
  [
    'a user that is not there',
    clusterUrl.replace('hub@', 'nobody:pa$$@'),
    'check the user of --database-url',
  ],
])('the address of %s is one line that says what to do, without the password', async (_name, url, says) => {
  const outcome = await hub(['user', 'list', '--data-dir', temporaryDir(), '--database-url', url])
  expect(outcome).toMatchObject({ status: 1, stdout: '' })
  expect(outcome.stderr).toMatch(/^cannot use postgresql:.*\n$/)
  expect(outcome.stderr).toContain(says)
  expect(outcome.stderr).not.toContain('pa$$')
})

test('a command on an empty database says which address to check', async () => {
  const url = await emptyDatabase()
  const { stderr } = await hub(['user', 'list', '--data-dir', temporaryDir(), '--database-url', url])
  expect(stderr).toBe(
    `${url} is empty: check --database-url or BUILDER_HUB_DATABASE_URL, or start the server once\n`,
  )
})

test.each(['/job/a%00b', '/feed?job=%00'])(
  '%s, which no name can be, is not found, and no error',
  async (path) => expect((await fetch(`${(await testApp()).url}${path}`)).status).toBe(404),
)

test('a database that crashes under uploads keeps what was acknowledged, and the server goes on', async () => {
  const cluster = await startCluster({ isDurable: true })
  onTestFinished(cluster.stop)
  await ask(cluster.url, 'CREATE DATABASE hub')
  const url = cluster.urlOf('hub')
  await postgresqlDatabase(url, migrations).migrate()
  const database = openPostgresql(url)
  onTestFinished(database.closeDatabase)
  await addUser(database.writer, byServer(), { ...alice, unrestricted: true })
  const app = await testApp({ database })
  const acknowledged = new Set<string>()
  const refused = new Set<number | 'broken'>()
  const sent: ExecRecord[] = []
  let isOver = false
  onTestFinished(() => void (isOver = true))
  const uploading = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const record = sampleRecord({ uuid: randomUUID() })
      sent.push(record)
      const answer = await app.upload(record).catch(() => null)
      if (answer?.status === 201) acknowledged.add(record.uuid)
      else refused.add(answer?.status ?? 'broken')
      await answer?.text()
      if (answer?.status !== 201) await sleep(20)
    }
  })
  for (let crash = 0; crash < (isLong ? 20 : 2); crash++) {
    const before = acknowledged.size
    await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 5)
    await cluster.crash()
  }
  const before = acknowledged.size
  await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 5)
  isOver = true
  await Promise.all(uploading)
  const stored = new Set(
    (await ask<{ uuid: string }>(url, 'SELECT uuid FROM "Build"')).map(({ uuid }) => uuid),
  )
  expect([...acknowledged].filter((uuid) => !stored.has(uuid))).toEqual([])
  const [counted] = await ask<{ total: string }>(
    url,
    'SELECT SUM("succeededCount" + "failedCount") AS total FROM "JobPlatform"',
  )
  expect(Number(counted?.total)).toBe(stored.size)
  // Nobody is told of a fault of the server.
  expect([...refused].filter((status) => status !== 503)).toEqual([])
  // What was not acknowledged is absent or whole: sent again, it is stored or exists.
  for (const record of sent.filter(({ uuid }) => !acknowledged.has(uuid)))
    expect((await app.upload(record)).status).toBe(stored.has(record.uuid) ? 409 : 201)
})
