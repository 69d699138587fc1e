import type BetterSqlite3 from 'better-sqlite3'

/** Statements with a list of parameters have a text for each length: the oldest ones go. */
const maxStatements = 500

type Bound = {
  reader: boolean
  columns: () => BetterSqlite3.ColumnDefinition[]
  run: () => BetterSqlite3.RunResult
  raw: () => { all: () => unknown[] }
}

/**
 * Prepares statements for Prisma's adapter, each text once: the adapter itself prepares a statement for each execution, which
 * takes longer than most executions. It binds parameters before it runs a statement, which SQLite permits once: here they
 * are passed with each run.
 */
export function cachedPrepare(
  connection: Pick<BetterSqlite3.Database, 'prepare'>,
): (text: string) => { bind: (values: unknown[]) => Bound; run: () => BetterSqlite3.RunResult } {
  const prepare = connection.prepare.bind(connection)
  const statements = new Map<string, BetterSqlite3.Statement>()

  function statementOf(text: string): BetterSqlite3.Statement {
    const known = statements.get(text)
    const statement = known ?? prepare(text)
    // The last one that was used is the last one of the map.
    if (known) statements.delete(text)
    else if (statements.size >= maxStatements) statements.delete(statements.keys().next().value ?? '')
    statements.set(text, statement)
    return statement
  }

  return (text) => ({
    // A transaction of the adapter's own begins so.
    run: () => statementOf(text).run(),
    bind(values) {
      const statement = statementOf(text)
      return {
        reader: statement.reader,
        columns: () => statement.columns(),
        run: () => statement.run(values),
        raw: () => ({ all: () => statement.raw().all(values) }),
      }
    },
  })
}
