import pg from 'pg'
import { DomainError } from '../../errors.ts'

/** The server cannot be reached, or does not let us in. The message says what to do. */
export class PostgresqlConnectionError extends DomainError {
  override readonly name = 'PostgresqlConnectionError'
}

/** Connect once, for a command or a step of the start. Throws PostgresqlConnectionError. Call `end` at the end. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true })
  // A connection that breaks fails the next statement, too: without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw new PostgresqlConnectionError(`cannot use ${nameOf(url)}: ${reasonOf(error)}`)
  }
}

/** The address without its password and its parameters. */
export function nameOf(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  shown.search = ''
  return shown.href
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = error instanceof Error ? error.message : String(error)
  switch (code) {
    case '28P01':
      return `${said}: set PGPASSWORD, or PGPASSFILE`
    case '28000':
      return `${said}: check the user of --database-url, and pg_hba.conf`
    case '3D000':
      return `${said}: create it with "createdb --template=template0 --encoding=UTF8 --locale-provider=libc --locale=C.UTF-8"`
    case '':
      return /password|SASL/.test(said)
        ? `${said}: set PGPASSWORD, or PGPASSFILE`
        : `${said || 'no answer'}: check that the server runs, and its host and port`
    default:
      return `${said || code}: check that the server runs, and its host and port`
  }
}
