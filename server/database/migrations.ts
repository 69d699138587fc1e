import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DomainError } from '../errors.ts'

/** The database is not one that this version can use. */
export class WrongDatabaseError extends DomainError {
  override readonly name = 'WrongDatabaseError'
}

/** A folder of the migrations' folder, e.g. `0001_init`; `checksum` is the SHA-256 of its SQL, in hexadecimal. */
type Migration = { name: string; sql: string; checksum: string }

/** In the order of their names, which is that of their application. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}
