import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { readMigrations } from '../../server/database/migrations.ts'
import { openPostgresql } from '../../server/database/postgresql/open-postgresql.ts'
import { postgresqlDatabase } from '../../server/database/postgresql/postgresql-database.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, projectDir, temporaryDir, testApp } from '../app.ts'
import { emptyDatabase } from '../database.ts'
import { hub } from '../hub.ts'
import { checkBothWays, expectAllKinds, fillWithAllKinds, type MovedDatabase } from '../server/both-ways.ts'

const folder = join(projectDir, 'prisma/postgresql')
const migrations = readMigrations(folder)

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  // Before the database is dropped.
  onTestFinished(() => client.end().catch(() => {}))
  return client
}

const schemaQuery = `
  SELECT 'column' AS kind, table_name || '.' || column_name AS name,
    concat_ws(' ', row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position), data_type, is_nullable, column_default) AS text
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> '_prisma_migrations'
  UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conrelid::regclass::text NOT LIKE '%\\_prisma%'
  UNION ALL SELECT 'index', tablename || '.' || indexname, indexdef
    FROM pg_indexes WHERE schemaname = current_schema() AND tablename <> '_prisma_migrations'
  UNION ALL SELECT 'function', proname, pg_get_functiondef(oid)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
  UNION ALL SELECT 'type', typname, typtype::text
    FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typname NOT LIKE '%\\_prisma%'
  UNION ALL SELECT 'sequence', sequencename, '' FROM pg_sequences WHERE schemaname = current_schema()
  ORDER BY 1, 2, 3`

async function moved(url: string): Promise<MovedDatabase> {
  const [client, database] = [await connected(url), postgresqlDatabase(url, folder)]
  const rows = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows
  return {
    async moveTo(name) {
      await database.migrate({ to: name })
      await database.undoMigrations({ to: name })
    },
    // A column that was dropped and added again has a place of its own: the order is what counts.
    schema: async () => rows(schemaQuery),
    async content() {
      const tables = await rows<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '_prisma_migrations'`,
      )
      const contents = []
      for (const { name } of tables)
        contents.push([name, await rows<Record<string, unknown>>(`SELECT * FROM "${name}"`)] as const)
      const sequences = await rows<{ name: string; value: string }>(
        'SELECT sequencename AS name, last_value AS value FROM pg_sequences WHERE schemaname = current_schema()',
      )
      return Object.fromEntries([...contents, ...sequences.map((one) => [one.name, [one]] as const)])
    },
  }
}

async function filledDatabase(): Promise<string> {
  const url = await emptyDatabase()
  await postgresqlDatabase(url, folder).migrate()
  const database = openPostgresql(url)
  try {
    await addUser(database.writer, byServer(), { ...alice, unrestricted: true })
    const app = await testApp({ database, keep: true })
    await fillWithAllKinds(app)
    await expectAllKinds(database)
    await app.close()
  } finally {
    await database.closeDatabase()
  }
  return url
}

test('every migration is undone and applied again, with rows of all kinds', async () => {
  await checkBothWays(await moved(await filledDatabase()), await moved(await emptyDatabase()), migrations)
})

test('hub migrate undoes and applies on PostgreSQL, and lists what the database has', async () => {
  const url = await emptyDatabase()
  const at = ['--data-dir', temporaryDir(), '--database-url', url]
  const newest = String(migrations.at(-1)?.name)
  expect(await hub(['migrate', 'up', ...at])).toMatchObject({ status: 0, stderr: '' })
  const undone = await hub(['migrate', 'down', ...at])
  expect(undone.stdout).toContain(`undone: ${newest}: `)
  const { stdout } = await hub(['migrate', 'status', '--json', ...at])
  const states = JSON.parse(stdout) as { name: string; isApplied: boolean }[]
  expect(states.filter(({ isApplied }) => !isApplied)).toMatchObject([{ name: newest }])
  const applied = await hub(['migrate', 'up', ...at])
  expect(applied).toMatchObject({ status: 0, stderr: '' })
  expect(applied.stdout).toContain(`applied: ${newest}: `)
  const help = await hub(['migrate', '--help'], { env: { BUILDER_HUB_DATABASE_URL: url } })
  for (const { name, description } of migrations)
    expect(help.stdout).toMatch(new RegExp(`${name} +${description}`))
})

test('a step whose connection breaks in its middle is undone, and can be run again', async () => {
  const url = await emptyDatabase()
  const changed = join(temporaryDir(), 'migrations')
  cpSync(folder, changed, { recursive: true })
  mkdirSync(join(changed, '9001_last'))
  const write = (name: string, sql: string) => writeFileSync(join(changed, '9001_last', name), sql)
  const database = postgresqlDatabase(url, changed)
  const observer = await connected(url)
  const tables = async () => {
    const { rows } = await observer.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE tablename IN ('Access', 'Half', 'Last') ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  /** Breaks the connection as soon as it sleeps. */
  const breakIt = () =>
    expect
      .poll(async () => {
        const { rows } = await observer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event = 'PgSleep'`,
        )
        return rows.length
      })
      .toBe(1)
  const slow = 'DROP TABLE "Access"; CREATE TABLE "Half" (n INTEGER); SELECT pg_sleep(1000);'

  write('migration.sql', slow)
  const up = database.migrate().then(
    () => 'done',
    () => 'broken',
  )
  await breakIt()
  expect(await up).toBe('broken')
  expect(await tables()).toEqual(['Access'])
  write('migration.sql', 'CREATE TABLE "Last" (n INTEGER);')
  expect(await database.migrate()).toEqual(['9001_last'])

  write('down.sql', slow)
  const down = database.undoMigrations().then(
    () => 'done',
    () => 'broken',
  )
  await breakIt()
  expect(await down).toBe('broken')
  expect(await tables()).toEqual(['Access', 'Last'])
  write('down.sql', 'DROP TABLE "Last";')
  expect(await database.undoMigrations()).toEqual(['9001_last'])
  expect(await tables()).toEqual(['Access'])
})
