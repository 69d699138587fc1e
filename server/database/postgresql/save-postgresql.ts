import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DomainError } from '../../errors.ts'
import {
  everyHash,
  hashesAtOnce,
  type HashColumns,
  type HashListener,
  type SavedDatabase,
} from '../saved-database.ts'
import { connectTo } from './connect.ts'

/** A program of PostgreSQL is not installed, or ended with an error. */
export class PostgresqlProgramError extends DomainError {
  override readonly name = 'PostgresqlProgramError'
}

const fileName = 'database.dump'
const execute = promisify(execFile)

/**
 * Writes a database to a file in `folder` by `pg_dump`, durably, and tells every hash that is in the columns of that file: both
 * read one snapshot of the database. Others read and write meanwhile. Throws PostgresqlProgramError.
 */
export async function savePostgresql(
  url: string,
  folder: string,
  columns: HashColumns,
  onHashes: HashListener,
): Promise<SavedDatabase> {
  const client = await connectTo(url)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    const { rows } = await client.query<{ name: string }>('SELECT pg_export_snapshot() AS name')
    const file = join(folder, fileName)
    await run(url, 'pg_dump', [
      ...['--format=custom', '--no-owner', '--no-privileges', `--snapshot=${rows[0]?.name}`],
      `--file=${file}`,
    ])
    const handle = await open(file, 'r')
    await handle.sync().finally(() => handle.close())
    await client.query(
      `DECLARE hashes NO SCROLL CURSOR FOR ${everyHash(columns, (name) => `encode(${name}, 'hex')`)}`,
    )
    for (;;) {
      const page = await client.query<{ hash: string }>(`FETCH ${hashesAtOnce} FROM hashes`)
      if (page.rows.length === 0) break
      await onHashes(page.rows.map(({ hash }) => hash))
    }
    const counted = await client.query<Record<'builds' | 'jobs' | 'users', number>>(
      `SELECT (SELECT COUNT(*) FROM "Build")::int AS builds, (SELECT COUNT(*) FROM "Job")::int AS jobs,
        (SELECT COUNT(*) FROM "User")::int AS users`,
    )
    const migrations = await client.query<{ name: string }>(
      'SELECT migration_name AS name FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY 1',
    )
    const [counts = { builds: 0, jobs: 0, users: 0 }] = counted.rows
    return { fileName, engine: 'postgresql', migrations: migrations.rows.map(({ name }) => name), counts }
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Fills an empty database from a saved file, in one transaction, so that it is whole or empty afterwards. Throws
 * PostgresqlProgramError.
 */
export async function restorePostgresql(saved: string, url: string): Promise<void> {
  const flags = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction']
  await run(url, 'pg_restore', [...flags, saved])
}

/** The password is not among the arguments, which every user of the machine can see. */
async function run(url: string, program: 'pg_dump' | 'pg_restore', args: readonly string[]): Promise<void> {
  const shown = new URL(url)
  const { password } = shown
  shown.password = ''
  try {
    await execute(program, [`--dbname=${shown.href}`, ...args], {
      env: { ...process.env, ...(password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) }) },
    })
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isAbsent)
      throw new PostgresqlProgramError(
        `${program} is not installed: install PostgreSQL's client programs of the server's version (Debian: postgresql-client)`,
      )
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new PostgresqlProgramError(`${program} failed: ${said}`)
  }
}
