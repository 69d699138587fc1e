import { checkIndexes } from '../database/postgresql/check-indexes.ts'
import type { Reader } from '../database/reader.ts'
import { findDamage, findViolations, type Violation } from '../database/sqlite/check-sqlite.ts'
import type { Finding } from './finding.ts'

/** Rows of these tables say nothing without the row that they refer to, or are derived. Others are not deleted. */
const expendable = new Set([
  ...['Access', 'Artifact', 'JobOutput', 'JobPeriod', 'JobPlatform', 'TombstoneArtifact'],
])

const isRepairable = ({ table, onDelete }: Violation): boolean =>
  onDelete === 'SET NULL' || expendable.has(table)

/** SQLite's own checks of its file, and of references between rows. They lock nobody out. */
export async function* checkSqlite(db: Reader, isQuick: boolean): AsyncGenerator<Finding, void, void> {
  for (const detail of await findDamage(db, isQuick))
    yield { kind: 'DATABASE_DAMAGED', subject: {}, detail, repairs: [] }
  for (const violation of await findViolations(db)) {
    const { table, rowId, parent, column } = violation
    yield {
      kind: 'DANGLING_ROW',
      subject: { table, row: `row ${rowId}` },
      detail: `its ${column} refers to a row of ${parent} that does not exist`,
      repairs: isRepairable(violation) ? [{ act: 'REMOVE_REFERENCE', violation }] : [],
    }
  }
}

/** PostgreSQL enforces references itself. Returns what was checked, in words. */
export async function* checkPostgresql(db: Reader): AsyncGenerator<Finding, string, void> {
  const checking = checkIndexes(db)
  for (;;) {
    const step = await checking.next()
    if (step.done)
      return step.value === null
        ? 'PostgreSQL enforces references; its files were not checked, because the extension amcheck is not installed'
        : `PostgreSQL enforces references; amcheck compared ${step.value} indexes with their tables`
    const { index, message } = step.value
    yield { kind: 'DATABASE_DAMAGED', subject: { table: index }, detail: message, repairs: [] }
  }
}
