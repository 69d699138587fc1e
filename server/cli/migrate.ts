import type { Command } from 'commander'
import { BadConfigError, readConfig } from '../config.ts'
import { DataDirInUseError } from '../data-dir-lock.ts'
import { checkNoBlobs, hasBlobs, makeDataDir } from '../data-dir.ts'
import {
  readMigrations,
  WrongDatabaseError,
  type MigrateOptions,
  type MigrationState,
} from '../database/migrations.ts'
import { migrationsFolder, siteDatabaseOf, type SiteDatabase } from '../database/site-database.ts'
import { isImporting } from '../imports/own-staging.ts'
import { lockSite } from '../lock-site.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { environmentOf } from './settings.ts'
import { DatabaseServedError } from './with-database.ts'

type Options = { to?: string; copy: boolean; dryRun: boolean }

const verbs = {
  up: {
    ...{ done: 'applied', planned: 'would be applied', none: 'the database has all migrations' },
    next: 'start the new version',
  },
  down: {
    ...{ done: 'undone', planned: 'would be undone', none: 'there is nothing to undo' },
    next: 'start the older version',
  },
} as const

/** `hub migrate status`, `hub migrate up`, `hub migrate down` */
export function addMigrateCommands(hub: Command): void {
  const migrate = hub
    .command('migrate')
    .description('show, apply or undo migrations, which change the schema of the database')
  migrate.addHelpText('after', () => `\nMigrations of this version:\n${listOf(migrate)}`)

  const status = migrate
    .command('status')
    .description('print which migrations the database has. Exits with 3 if it is of a newer version')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const stored = await siteDatabaseOf(readConfig(environmentOf(command)))
      const { states, newer } = await stored.migrations()
      ioOf(command).stdout.write(json ? `${JSON.stringify(states, null, 2)}\n` : printStates(states))
      if (newer !== null) throw new FoundProblemsError(newer)
    })
  addExamples(status, ['hub migrate status', 'hub migrate status --json'])

  const up = migrate
    .command('up')
    .description(
      'apply the migrations that the database lacks. The server does so, too, when it starts. SQLite: the database is ' +
        'copied first, to a file beside it. PostgreSQL: use pg_dump; each migration is one transaction',
    )
    .option('--to <name>', 'the last migration to apply; its number is enough')
    .option('--no-copy', 'make no copy of the database first')
    .option('--dry-run', 'change nothing: print what would be applied', false)
    .action((options: Options, command: Command) => run('up', options, command))
  addExamples(up, ['hub migrate up', 'hub migrate up --to 0020', 'hub migrate up --dry-run'])

  const down = migrate
    .command('down')
    .description(
      'undo the last migration, or all after another one, before an older version is started. Everything that the older ' +
        'schema can hold is kept. No server and no import may run. SQLite: the database is copied first, to a file beside it. ' +
        'PostgreSQL: use pg_dump; each step is one transaction',
    )
    .option(
      '--to <name>',
      'the migration that is the last one then; its number is enough. "none" empties the database, ' +
        'and is refused while there is content of builds',
    )
    .option('--no-copy', 'make no copy of the database first')
    .option('--dry-run', 'change nothing: print what would be undone, and what would be lost', false)
    .action((options: Options, command: Command) => run('down', options, command))
  addExamples(down, ['hub migrate down --dry-run', 'hub migrate down', 'hub migrate down --to 0018_changes'])
}

/** Help is also for those whose settings are wrong. */
function databaseUrlOf(command: Command): string {
  try {
    return readConfig(environmentOf(command)).databaseUrl
  } catch (error) {
    if (error instanceof BadConfigError) return ''
    throw error
  }
}

/** The migrations of the engine that the command is for, with their descriptions. */
function listOf(command: Command): string {
  const all = readMigrations(migrationsFolder(databaseUrlOf(command)))
  const width = Math.max(...all.map(({ name }) => name.length))
  return all.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`).join('\n')
}

function printStates(states: readonly MigrationState[]): string {
  const width = Math.max(...states.map(({ name }) => name.length))
  return states
    .map(({ name, isApplied, isKnown, appliedAt, description }) => {
      const time = isApplied
        ? (appliedAt?.toISOString().slice(0, 19).replace('T', ' ') ?? 'applied')
        : 'missing'
      return `${name.padEnd(width)}  ${time.padEnd(19)}  ${isKnown ? description : 'of a newer version'}\n`
    })
    .join('')
}

async function run(
  direction: 'up' | 'down',
  { to, copy: isCopied, dryRun }: Options,
  command: Command,
): Promise<void> {
  const { stdout } = ioOf(command)
  const config = readConfig(environmentOf(command))
  const { blobDir, dataDir, databaseUrl } = config
  const stored = await siteDatabaseOf(readConfig(environmentOf(command)))
  if (await stored.isNew()) {
    if (direction === 'down')
      throw new WrongDatabaseError(`${stored.name} is empty: there is nothing to undo`)
    await checkNoBlobs(stored.name, config)
  }
  if (direction === 'down') await checkNotEmptied(stored, blobDir, to)
  const { planned, done, none, next } = verbs[direction]
  const known = new Map(readMigrations(migrationsFolder(databaseUrl)).map((one) => [one.name, one]))
  const tell = (names: readonly string[], verb: string) => {
    for (const name of names) {
      stdout.write(`${verb}: ${name}: ${known.get(name)?.description}\n`)
      const loses = known.get(name)?.loses ?? null
      if (direction === 'down' && loses !== null) stdout.write(`  loses: ${loses}\n`)
    }
    if (names.length === 0) stdout.write(`${none}\n`)
  }
  if (dryRun) return tell(await stored.plan(direction, to), planned)
  const options: MigrateOptions = {
    ...(to === undefined ? {} : { to }),
    isCopied,
    onCopy: (path) => stdout.write(`the database was copied to ${path}\n`),
  }
  const names = await whileUnserved(dataDir, stored, next, async () => {
    if (direction === 'up') return stored.migrate(options)
    if (await isImporting(dataDir))
      throw new DatabaseServedError(
        `a command imports builds into ${stored.name}, such as "hub import records --watch": end it, run this again, ` +
          `and ${next}. Nothing was changed`,
      )
    return stored.undoMigrations(options)
  })
  tell(names, done)
  if (direction === 'down' && names.length > 0)
    stdout.write(
      'start the older version now: the server, and all other commands, of this version apply these migrations again\n',
    )
}

/**
 * A database without migrations is a new one: the next server would make an empty site of it, and its collector would delete
 * all content. Throws WrongDatabaseError.
 */
async function checkNotEmptied(stored: SiteDatabase, blobDir: string, to?: string): Promise<void> {
  const { states } = await stored.migrations()
  const undone = await stored.plan('down', to)
  if (undone.length < states.filter(({ isApplied }) => isApplied).length || !hasBlobs(blobDir)) return
  throw new WrongDatabaseError(
    `this would empty ${stored.name}, but ${blobDir} has files of builds: name a migration that stays (--to), ` +
      'or move that folder away first. Nothing was changed',
  )
}

/** Throws DatabaseServedError if a server uses the database. */
async function whileUnserved<T>(
  dataDir: string,
  stored: SiteDatabase,
  next: string,
  action: () => Promise<T>,
): Promise<T> {
  makeDataDir(dataDir)
  let lock
  try {
    lock = await lockSite(dataDir, stored)
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    throw new DatabaseServedError(
      `a server uses ${stored.name}: stop the server, run this again, and ${next}. Nothing was changed`,
    )
  }
  try {
    return await action()
  } finally {
    await lock.release()
  }
}
