import type pg from 'pg'
import { readMigrations, WrongDatabaseError } from '../migrations.ts'

/** Two servers that start at the same time migrate one after the other. */
const migrationLock = 0x62_68_6d_67

/** Text is compared by its code points, as the server itself does, and as SQLite does. */
const goodCollations = new Set(['C', 'POSIX', 'C.UTF-8', 'C.utf8', 'ucs_basic'])

const oldestVersion = 150_000

/**
 * Migrate a database to the newest schema, with the migrations in `folder`. Each migration is
 * one transaction, recorded in `_prisma_migrations` in the format of Prisma's own tools. Returns the names of the migrations
 * that it applied. Throws WrongDatabaseError if the database is none that this version can use.
 */
export async function migratePostgresql(client: pg.Client, folder: string): Promise<string[]> {
  await checkServer(client)
  await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
  // The end of the connection releases it.
  return applyMissing(client, folder)
}

/** Names of the migrations in `folder` that the database lacks. Changes nothing. */
export async function missingPostgresqlMigrations(client: pg.Client, folder: string): Promise<string[]> {
  const names = readMigrations(folder).map(({ name }) => name)
  const { rows } = await client.query(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS "isMigrated"`,
  )
  const [found] = rows as { isMigrated: boolean }[]
  if (!found?.isMigrated) return names
  const applied = await appliedMigrations(client)
  return names.filter((name) => !applied.has(name))
}

/** Name and checksum of each migration that was applied. */
async function appliedMigrations(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT migration_name AS name, checksum FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  )
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
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

async function applyMissing(client: pg.Client, folder: string): Promise<string[]> {
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
  const applied = await appliedMigrations(client)
  const migrations = readMigrations(folder)
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...applied.keys()].filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new WrongDatabaseError(
      `the database was made by a newer version (migrations ${unknown.join(', ')}): upgrade this one`,
    )
  }
  const done: string[] = []
  for (const { name, sql, checksum } of migrations) {
    if (applied.get(name) === checksum) continue
    if (applied.has(name)) {
      throw new WrongDatabaseError(`migration ${name} has changed since the database was made with it`)
    }
    await client.query('BEGIN')
    try {
      await client.query(sql)
      await client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, now(), 1)`,
        [crypto.randomUUID(), checksum, name],
      )
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {})
      throw stoppedByMigration(error)
        ? new WrongDatabaseError(`migration ${name} cannot be applied: ${error.message}`)
        : error
    }
    done.push(name)
  }
  return done
}

/** A migration stops with an error of its own, RAISE, if rows are not as it needs them. */
const stoppedByMigration = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'P0001'
