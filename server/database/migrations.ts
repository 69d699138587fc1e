import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DomainError } from '../errors.ts'

/** The database is not one that this version can use, or not one that it can take back. */
export class WrongDatabaseError extends DomainError {
  override readonly name = 'WrongDatabaseError'
}

/** A name that no migration has, or none that the database has. */
export class NoSuchMigrationError extends DomainError {
  override readonly name = 'NoSuchMigrationError'
}

/** A folder of the migrations' folder, e.g. `0001_init`. */
export type Migration = {
  name: string
  /** `migration.sql`. It never changes: its SHA-256, in hexadecimal, is recorded in each database. */
  sql: string
  checksum: string
  /** `down.sql`, which undoes the migration. Null: there is none. */
  down: string | null
  /** The first line of `down.sql`, a comment. */
  description: string
  /** What the older schema cannot hold: the comment that begins with `Loses: `. Null: everything is kept. */
  loses: string | null
}

/** A migration that a database has. */
export type AppliedMigration = { name: string; checksum: string; appliedAt: Date | null }

/** A migration that this version knows, or that the database has, or both. */
export type MigrationState = Pick<Migration, 'name' | 'description' | 'loses'> & {
  /** Null: the database lacks it. */
  appliedAt: Date | null
  isApplied: boolean
  /** False: it is of a newer version. */
  isKnown: boolean
}

/** How far a run of migrations goes, and what is saved before. */
export type MigrateOptions = {
  /** Name, or number, of the last migration that the database is to have. `none`: it is to have none of them. */
  to?: string
  /** False: no copy of the database is made before. */
  isCopied?: boolean
  /** Hears the path of the copy, before the first step. */
  onCopy?: (path: string) => void
}

/** In the order of their names, which is that of their application. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      const downFile = join(folder, name, 'down.sql')
      const down = existsSync(downFile) ? readFileSync(downFile, 'utf8') : null
      const checksum = createHash('sha256').update(sql).digest('hex')
      return { name, sql, checksum, down, ...readHeader(down ?? '') }
    })
}

/** What the comment at the top of a `down.sql` says. */
export function readHeader(down: string): Pick<Migration, 'description' | 'loses'> {
  const lines = down.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('--'))
  const [description = '', ...rest] = lines
    .slice(0, end === -1 ? lines.length : end)
    .map((line) => line.replace(/^--\s*/, '').trim())
  const [, loses] = /(?:^| )Loses: (.*)$/s.exec(rest.join(' ')) ?? []
  return { description, loses: loses ?? null }
}

/**
 * The migrations to apply, in their order, up to `to`. `database` is its name in messages. Throws WrongDatabaseError if
 * the database has a migration that this version lacks, or one whose text has changed; NoSuchMigrationError.
 */
export function planUp(
  database: string,
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  to?: string,
): Migration[] {
  checkApplied(database, known, applied)
  const last = to === undefined ? null : nameOf(known, to)
  const names = new Set(applied.map(({ name }) => name))
  return known.filter(({ name }) => !names.has(name) && (last === null || name <= last))
}

/**
 * The migrations to undo, the newest first: those after `to`, or the last one. Throws WrongDatabaseError if the database has
 * a migration that this version cannot undo; NoSuchMigrationError.
 */
export function planDown(
  database: string,
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  to?: string,
): (Migration & { down: string })[] {
  checkApplied(database, known, applied)
  const names = new Set(applied.map(({ name }) => name))
  const present = known.filter(({ name }) => names.has(name))
  const last = to === undefined ? (present.at(-2)?.name ?? '') : nameOf(known, to)
  if (last !== '' && !names.has(last))
    throw new NoSuchMigrationError(`${database} does not have migration ${last}: "hub migrate up" applies it`)
  return present
    .filter(({ name }) => name > last)
    .reverse()
    .map(({ down, ...one }) => {
      if (down === null)
        throw new WrongDatabaseError(
          `migration ${one.name} cannot be undone, it has no down.sql: restore a copy of the database from before it`,
        )
      return { ...one, down }
    })
}

/** What is known of each migration, in the order of their names. */
export function statesOf(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): MigrationState[] {
  const found = new Map(applied.map((one) => [one.name, one]))
  const stateOf = (one: Pick<Migration, 'name' | 'description' | 'loses'>, isKnown: boolean) => ({
    ...{ name: one.name, description: one.description, loses: one.loses, isKnown },
    ...{ isApplied: found.has(one.name), appliedAt: found.get(one.name)?.appliedAt ?? null },
  })
  const ofOthers = unknownOf(known, applied).map((name) => ({ name, description: '', loses: null }))
  return [...known.map((one) => stateOf(one, true)), ...ofOthers.map((one) => stateOf(one, false))].sort(
    (left, right) => (left.name < right.name ? -1 : 1),
  )
}

const unknownOf = (known: readonly Migration[], applied: readonly AppliedMigration[]): string[] => {
  const names = new Set(known.map(({ name }) => name))
  return applied
    .map(({ name }) => name)
    .filter((name) => !names.has(name))
    .sort()
}

/** What to do with a database of a newer version, in one line. Null: it is none. */
export function newerVersion(
  database: string,
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): string | null {
  const unknown = unknownOf(known, applied)
  if (unknown.length === 0) return null
  const last = known.at(-1)?.name ?? 'none'
  return (
    `${database} was made by a newer version (migrations ${unknown.join(', ')}). This version knows up to ${last}: ` +
    `run "hub migrate down --to ${last}" of the newer version first, or upgrade this one`
  )
}

function checkApplied(
  database: string,
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): void {
  const newer = newerVersion(database, known, applied)
  if (newer !== null) throw new WrongDatabaseError(newer)
  const checksums = new Map(applied.map(({ name, checksum }) => [name, checksum]))
  for (const { name, checksum } of known)
    if (checksums.has(name) && checksums.get(name) !== checksum)
      throw new WrongDatabaseError(`migration ${name} has changed since ${database} was made with it`)
}

/** The name of a migration by its name or its number; empty for `none`. Throws NoSuchMigrationError. */
function nameOf(known: readonly Migration[], text: string): string {
  if (text === 'none') return ''
  const found = known.find(({ name }) => name === text || name.split('_')[0] === text)
  if (!found)
    throw new NoSuchMigrationError(`there is no migration ${text}: "hub migrate status" lists all of them`)
  return found.name
}
