import type pg from 'pg'
import { DomainError } from '../../errors.ts'
import type { ColumnKind, MovedRow, MovedTable } from '../moved-rows.ts'
import { inTransaction } from './in-transaction.ts'

/** The database cannot take the rows of another one. */
export class NotEmptyError extends DomainError {
  override readonly name = 'NotEmptyError'
}

/** How far a move has come; in the database itself, so that it goes on after an interruption. */
const progressTable = '_move'

/** The table of migrations, while rows are missing: no server takes the database for a site then. */
const hiddenMigrations = '_move_migrations'

const kinds: Record<string, ColumnKind> = {
  integer: 'integer',
  bigint: 'integer',
  boolean: 'boolean',
  'double precision': 'float',
  text: 'text',
  'timestamp without time zone': 'time',
  bytea: 'bytes',
}

const quoted = (name: string) => `"${name}"`

/** Whether rows were moved here, but not all of them. */
export async function isBegun(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(
    `SELECT to_regclass('"${progressTable}"') IS NOT NULL AS is`,
  )
  return rows[0]?.is === true
}

/** Throws NotEmptyError unless the database is a migrated one that no site has used. */
export async function checkEmpty(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ isMigrated: boolean }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AND to_regclass('"Build"') IS NOT NULL AS "isMigrated"`,
  )
  const used =
    rows[0]?.isMigrated === true
      ? await client.query(
          'SELECT 1 WHERE EXISTS (SELECT 1 FROM "Build") OR EXISTS (SELECT 1 FROM "Job") OR EXISTS (SELECT 1 FROM "User")',
        )
      : null
  if (used?.rows.length !== 0)
    throw new NotEmptyError(`${name} has tables with rows: create an empty database, and name that one`)
}

/** All tables of the site with their columns. Throws an error if there is a column of an unknown type: a bug. */
export async function movedTables(client: pg.Client): Promise<MovedTable[]> {
  const { rows } = await client.query<{ table: string; column: string; type: string; isKey: boolean }>(
    `SELECT c.table_name AS table, c.column_name AS column, c.data_type AS type, k.column_name IS NOT NULL AS "isKey"
     FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema
       AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
     LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema
       AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_%'
     ORDER BY c.table_name, c.ordinal_position`,
  )
  const tables = new Map<string, MovedTable>()
  for (const { table, column, type, isKey } of rows) {
    const kind = kinds[type]
    if (!kind) throw new Error(`${table}.${column} has the type ${type}, which is not known`)
    const found = tables.get(table) ?? { name: table, columns: [], key: [] }
    tables.set(table, found)
    found.columns.push({ name: column, kind })
    if (isKey) found.key.push(column)
  }
  return [...tables.values()]
}

/**
 * Makes a migrated, empty database ready for rows in any order: without foreign keys and triggers until `endFill`. A move that was interrupted goes on
 * if `mark`, which tells the state of the source, is the same; otherwise it begins anew.
 */
export async function beginFill(
  client: pg.Client,
  tables: readonly MovedTable[],
  mark: string,
): Promise<void> {
  await inTransaction(client, async () => {
    if (!(await isBegun(client))) {
      await client.query(`CREATE TABLE "${progressTable}" (name TEXT PRIMARY KEY, value TEXT NOT NULL)`)
      const { rows } = await client.query<{ table: string; name: string; definition: string }>(
        `SELECT c.conrelid::regclass::text AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
         FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2`,
      )
      await writeProgress(client, ':foreign keys', JSON.stringify(rows))
      for (const { table, name } of rows)
        await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`)
      for (const { name } of tables) await client.query(`ALTER TABLE ${quoted(name)} DISABLE TRIGGER USER`)
      await client.query(`ALTER TABLE "_prisma_migrations" RENAME TO "${hiddenMigrations}"`)
    }
    if ((await readProgress(client, ':mark')) === mark) return
    // Migrations leave rows, too.
    await client.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(', ')}`)
    await client.query(`DELETE FROM "${progressTable}" WHERE name NOT LIKE ':%'`)
    await writeProgress(client, ':mark', mark)
  })
}

/** The last row that has arrived; null: none. */
export async function lastRow(client: pg.Client, { name }: MovedTable): Promise<MovedRow | null> {
  const value = await readProgress(client, name)
  return value === null ? null : (JSON.parse(value) as MovedRow)
}

const types: Record<ColumnKind, string> = {
  ...{
    integer: 'bigint',
    boolean: 'boolean',
    float: 'float8',
    text: 'text',
    bytes: 'bytea',
    time: 'timestamp',
  },
}

/** Adds rows, and notes how far it has come, in one transaction. */
export async function fillRows(
  client: pg.Client,
  table: MovedTable,
  rows: readonly MovedRow[],
): Promise<void> {
  const { name, columns } = table
  const arrays = columns.map((_, at) => rows.map((row) => row[at] ?? null))
  const parameters = columns.map((_, at) => `$${at + 1}::text[]`).join(', ')
  const values = columns.map(({ kind }, at) => `v.c${at}::${types[kind]}`).join(', ')
  await inTransaction(client, async () => {
    await client.query(
      `INSERT INTO ${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')})
       SELECT ${values} FROM unnest(${parameters}) AS v(${columns.map((_, at) => `c${at}`).join(', ')})`,
      arrays,
    )
    await writeProgress(client, name, JSON.stringify(rows.at(-1)))
  })
}

const rowsPerFetch = 2_000

/** The rows as they have arrived, in any order. */
export async function* readFilled(
  client: pg.Client,
  { name, columns }: MovedTable,
): AsyncGenerator<MovedRow[], void, void> {
  const texts = columns.map(({ name: column, kind }) =>
    kind === 'time' ? `to_char(${quoted(column)}, 'YYYY-MM-DD"T"HH24:MI:SS.MS')` : `${quoted(column)}::text`,
  )
  await client.query('BEGIN READ ONLY')
  try {
    await client.query(`DECLARE filled NO SCROLL CURSOR FOR SELECT ${texts.join(', ')} FROM ${quoted(name)}`)
    for (;;) {
      const { rows } = await client.query<MovedRow>({
        text: `FETCH ${rowsPerFetch} FROM filled`,
        rowMode: 'array',
      })
      if (rows.length === 0) return
      yield rows.map((row) =>
        row.map((text, at) => (columns[at]?.kind === 'float' && text !== null ? String(Number(text)) : text)),
      )
    }
  } finally {
    await client.query('ROLLBACK').catch(() => {})
  }
}

/** All rows are there: foreign keys, which are checked now, triggers, numbers of the next rows, and the table of migrations. */
export async function endFill(client: pg.Client, tables: readonly MovedTable[]): Promise<void> {
  const keys = JSON.parse((await readProgress(client, ':foreign keys')) ?? '[]') as Record<
    'table' | 'name' | 'definition',
    string
  >[]
  await inTransaction(client, async () => {
    for (const { table, name, definition } of keys)
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${quoted(name)} ${definition}`)
    for (const { name, columns } of tables) {
      await client.query(`ALTER TABLE ${quoted(name)} ENABLE TRIGGER USER`)
      for (const column of columns.filter(({ kind }) => kind === 'integer'))
        await client.query(
          `SELECT setval(s.name, COALESCE((SELECT MAX(${quoted(column.name)}) FROM ${quoted(name)}), 0) + 1, false)
           FROM (SELECT pg_get_serial_sequence($1, $2) AS name) AS s WHERE s.name IS NOT NULL`,
          [quoted(name), column.name],
        )
    }
    await client.query(`ALTER TABLE "${hiddenMigrations}" RENAME TO "_prisma_migrations"`)
    await client.query(`DROP TABLE "${progressTable}"`)
  })
  await client.query('ANALYZE')
}

async function readProgress(client: pg.Client, name: string): Promise<string | null> {
  const { rows } = await client.query<{ value: string }>(
    `SELECT value FROM "${progressTable}" WHERE name = $1`,
    [name],
  )
  return rows[0]?.value ?? null
}

const writeProgress = (client: pg.Client, name: string, value: string) =>
  client.query(
    `INSERT INTO "${progressTable}" (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [name, value],
  )
