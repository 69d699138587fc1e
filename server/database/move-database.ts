import { DomainError } from '../errors.ts'
import { sumRows } from './moved-rows.ts'
import { connectTo } from './postgresql/connect.ts'
import {
  beginFill,
  checkEmpty,
  endFill,
  fillRows,
  isBegun,
  lastRow,
  movedTables,
  readFilled,
} from './postgresql/fill-rows.ts'
import { missingMigrations, siteDatabaseOf } from './site-database.ts'
import { openSqliteRows } from './sqlite/read-rows.ts'

/** The rows of a site cannot be moved to another engine, or have not arrived as they are. The message says what to do. */
export class MoveError extends DomainError {
  override readonly name = 'MoveError'
}

export type MovedDatabase = { tableCount: number; rowCount: number }

type MoveOptions = { signal?: AbortSignal; onProgress?: (moved: { table: string; rowCount: number }) => void }

/**
 * Copies all rows of a SQLite database to an empty one of PostgreSQL, and compares them. Nobody else uses either meanwhile. It can be interrupted and run
 * again: then it goes on, or begins anew if the source has changed. No server starts on the new database before all is there. Memory does
 * not grow with the database. Null: `signal` has stopped it. Throws MoveError, NotEmptyError, OddValueError.
 */
export async function moveDatabase(
  databaseFile: string,
  url: string,
  { signal, onProgress = () => {} }: MoveOptions = {},
): Promise<MovedDatabase | null> {
  const source = await siteDatabaseOf({ databaseUrl: '', databaseFile })
  if (await source.isNew()) throw new MoveError(`${databaseFile} has no site: name its folder by --data-dir`)
  const missing = await missingMigrations(source)
  if (missing.length > 0)
    throw new MoveError(`${databaseFile} lacks ${missing.join(', ')}: run "hub migrate up" before`)
  const target = await siteDatabaseOf({ databaseUrl: url, databaseFile: '' })
  const client = await connectTo(url)
  const rows = openSqliteRows(databaseFile)
  try {
    if (!(await isBegun(client))) {
      if (!(await target.isNew())) await checkEmpty(client, target.name)
      await target.migrate()
    }
    const tables = await movedTables(client)
    for (const { name, columns } of tables) {
      const there = new Set(rows.columnsOf(name))
      const absent = columns.find((column) => !there.has(column.name))
      if (absent)
        throw new MoveError(
          `${target.name} has ${name}.${absent.name}, which the site has not: it was begun by another version. Empty it`,
        )
    }
    await beginFill(client, tables, rows.mark)
    let rowCount = 0
    for (const table of tables)
      for await (const some of rows.read(table, await lastRow(client, table))) {
        if (signal?.aborted === true) return null
        await fillRows(client, table, some)
        rowCount += some.length
        onProgress({ table: table.name, rowCount })
      }
    rowCount = 0
    for (const table of tables) {
      const [here, there] = [await sumRows(rows.read(table, null)), await sumRows(readFilled(client, table))]
      if (here.count !== there.count || here.sum !== there.sum)
        throw new MoveError(
          `${table.name} has ${here.count} rows, and ${there.count} have arrived, or others: empty ${target.name}, and run this again`,
        )
      rowCount += here.count
      if (signal?.aborted === true) return null
    }
    await endFill(client, tables)
    return { tableCount: tables.length, rowCount }
  } finally {
    rows.close()
    await client.end().catch(() => {})
  }
}
