import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DomainError } from '../../errors.ts'
import {
  blobsAtOnce,
  everyBlob,
  type BlobColumns,
  type BlobListener,
  type SavedDatabase,
} from '../saved-database.ts'
import { syncPath } from '../../blobs/durable-files.ts'
import { connectTo } from './connect.ts'
import { programAddress } from './program-address.ts'

/** A program of PostgreSQL is not installed, or ended with an error. */
export class PostgresqlProgramError extends DomainError {
  override readonly name = 'PostgresqlProgramError'
}

const fileName = 'database.dump'
const execute = promisify(execFile)

/**
 * Writes a database to a file in `folder` by `pg_dump`, durably, and tells every blob that is in the columns of that file: both
 * read one snapshot of the database. Others read and write meanwhile. Throws PostgresqlProgramError.
 */
export async function savePostgresql(
  url: string,
  folder: string,
  columns: BlobColumns,
  onBlobs: BlobListener,
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
    await syncPath(file)
    await client.query(
      `DECLARE blobs NO SCROLL CURSOR FOR ${everyBlob(columns, (name) => `encode(${name}, 'hex')`)}`,
    )
    for (;;) {
      const page = await client.query<{ hash: string; size: string | null; marked: boolean }>(
        `FETCH ${blobsAtOnce} FROM blobs`,
      )
      if (page.rows.length === 0) break
      await onBlobs(
        page.rows.map(({ hash, size, marked }) => ({
          ...{ hash, isMarked: marked },
          sizeBytes: size === null ? null : Number(size),
        })),
      )
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
  // `hub migrate down --to none` leaves it, empty.
  const client = await connectTo(url)
  await client.query('DROP TABLE IF EXISTS "_prisma_migrations"').finally(() => client.end())
  const flags = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction']
  await run(url, 'pg_restore', [...flags, saved])
}

/** No password is among the arguments, which every user of the machine can see. */
async function run(url: string, program: 'pg_dump' | 'pg_restore', args: readonly string[]): Promise<void> {
  const { address, password } = programAddress(url)
  try {
    await execute(program, [`--dbname=${address}`, ...args], {
      env: { ...process.env, ...(password === '' ? {} : { PGPASSWORD: password }) },
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
