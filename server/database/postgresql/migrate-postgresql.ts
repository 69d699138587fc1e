import type pg from 'pg'
import {
  newerVersion,
  planDown,
  planUp,
  readMigrations,
  statesOf,
  WrongDatabaseError,
  type AppliedMigration,
  type MigrateOptions,
  type Migration,
  type MigrationState,
} from '../migrations.ts'
import { inTransaction } from './in-transaction.ts'

/** Two servers that start at the same time migrate one after the other. */
const migrationLock = 0x62_68_6d_67

/** Text is compared by its code points, as the server itself does, and as SQLite does. */
const goodCollations = new Set(['C', 'POSIX', 'C.UTF-8', 'C.utf8', 'ucs_basic'])

const oldestVersion = 150_000

/**
 * Migrate a database to the newest schema, or up to `to`, with the migrations in `folder`. Each migration is
 * one transaction, recorded in `_prisma_migrations` in the format of Prisma's own tools. Returns the names of the migrations
 * that it applied. Throws WrongDatabaseError if the database is none that this version can use; NoSuchMigrationError. No
 * copy is made: a migration is applied as a whole, or not at all.
 */
export async function migratePostgresql(
  client: pg.Client,
  folder: string,
  { to }: MigrateOptions = {},
): Promise<string[]> {
  const { name, known } = await prepare(client, folder)
  const plan = planUp(name, known, await appliedMigrations(client), to)
  return runEach(client, plan, 'applied', async (step) => {
    await client.query(step.sql)
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [crypto.randomUUID(), step.checksum, step.name],
    )
  })
}

/**
 * Undo the migrations after `to`, or the last one, each in one transaction. Returns their names, the newest first. Throws as
 * `migratePostgresql` does.
 */
export async function undoPostgresqlMigrations(
  client: pg.Client,
  folder: string,
  { to }: MigrateOptions = {},
): Promise<string[]> {
  const { name, known } = await prepare(client, folder)
  const plan = planDown(name, known, await appliedMigrations(client), to)
  return runEach(client, plan, 'undone', async (step) => {
    await client.query(step.down)
    await client.query('DELETE FROM "_prisma_migrations" WHERE migration_name = $1', [step.name])
  })
}

/** Each step in a transaction of its own. Returns their names. */
async function runEach<Step extends { name: string }>(
  client: pg.Client,
  plan: readonly Step[],
  what: 'applied' | 'undone',
  run: (step: Step) => Promise<void>,
): Promise<string[]> {
  for (const step of plan)
    await inTransaction(client, () => run(step)).catch((error: unknown) => {
      if (!stoppedByMigration(error)) throw error
      throw new WrongDatabaseError(`migration ${step.name} cannot be ${what}: ${error.message}`)
    })
  return plan.map(({ name }) => name)
}

/** It has no migration and no other table. Changes nothing. */
export async function isPostgresqlNew(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '_prisma_migrations' LIMIT 1`,
  )
  return rows.length === 0 && (await readApplied(client)).length === 0
}

/** Each migration. `newer`: what to do if the database is of a newer version. Changes nothing. */
export async function postgresqlMigrations(
  client: pg.Client,
  folder: string,
): Promise<{ states: MigrationState[]; newer: string | null }> {
  const known = readMigrations(folder)
  const applied = await readApplied(client)
  return {
    states: statesOf(known, applied),
    newer: newerVersion(await databaseName(client), known, applied),
  }
}

/** Names of the migrations that a run would apply, or undo, in its order. Changes nothing. Throws as the run does. */
export async function planOfPostgresql(
  client: pg.Client,
  folder: string,
  direction: 'up' | 'down',
  to?: string,
): Promise<string[]> {
  const plan = direction === 'up' ? planUp : planDown
  const applied = await readApplied(client)
  return plan(await databaseName(client), readMigrations(folder), applied, to).map(({ name }) => name)
}

async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<{ isMigrated: boolean }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS "isMigrated"`,
  )
  return rows[0]?.isMigrated ? appliedMigrations(client) : []
}

async function appliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at AS "appliedAt" FROM "_prisma_migrations"
     WHERE rolled_back_at IS NULL`,
  )
  return rows
}

async function databaseName(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
  return `the database ${rows[0]?.name}`
}

/** Throws WrongDatabaseError. */
async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string; collation: string; name: string }>(
    `SELECT current_setting('server_version_num')::int AS version, pg_encoding_to_char(encoding) AS encoding,
       CASE datlocprovider WHEN 'c' THEN datcollate WHEN 'b' THEN 'C' ELSE 'of a language' END AS collation, datname AS name
     FROM pg_database WHERE datname = current_database()`,
  )
  const [found] = rows
  if (!found) throw new WrongDatabaseError('the PostgreSQL server does not describe its database')
  const { version, encoding, collation, name } = found
  if (version < oldestVersion) {
    throw new WrongDatabaseError(
      `PostgreSQL 15 or later is needed; the server of ${name} is older: upgrade it`,
    )
  }
  if (encoding !== 'UTF8' || !goodCollations.has(collation)) {
    throw new WrongDatabaseError(
      `the database ${name} has encoding ${encoding} and collation ${collation}; names are ordered by code points: ` +
        `create it with "createdb --template=template0 --encoding=UTF8 --locale-provider=libc --locale=C.UTF-8 ${name}"`,
    )
  }
}

/** Checks the server, takes the lock of migrations, and makes their table. The end of the connection releases the lock. */
async function prepare(client: pg.Client, folder: string): Promise<{ name: string; known: Migration[] }> {
  await checkServer(client)
  await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
  )
  if (tables.length > 0 && !tables.some(({ name }) => name === '_prisma_migrations')) {
    throw new WrongDatabaseError(
      `the database is one of another program (with the table ${tables[0]?.name}): give the hub a database of its own`,
    )
  }
  await client.query(`CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`)
  return { name: await databaseName(client), known: readMigrations(folder) }
}

/** A migration stops with an error of its own, RAISE, if rows are not as it needs them. */
const stoppedByMigration = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'P0001'
