import type { Integrity, Violation } from '../database/integrity.ts'
import type { Reader } from '../database/reader.ts'
import type { Finding } from './finding.ts'

/** Rows of these tables say nothing without the row that they refer to, or are derived. Others are not deleted. */
const expendable = new Set([
  ...['Access', 'Artifact', 'JobFile', 'JobOutput', 'JobPeriod', 'JobPlatform', 'TombstoneArtifact'],
])

const isRepairable = ({ table, onDelete }: Violation): boolean =>
  onDelete === 'SET NULL' || expendable.has(table)

/** The database's own checks of its files, and of references between rows. `onNote` is told what was not checked. */
export async function* checkDatabase(
  db: Reader,
  integrity: Integrity,
  isQuick: boolean,
  onNote: (text: string) => void,
): AsyncGenerator<Finding, void, void> {
  const checking = integrity.findDamage(db, isQuick)
  for (;;) {
    const step = await checking.next()
    if (step.done) {
      if (step.value !== null) onNote(step.value)
      break
    }
    const { part, message } = step.value
    const subject = part === null ? {} : { table: part }
    yield { kind: 'DATABASE_DAMAGED', subject, detail: message, repairs: [] }
  }
  for (const violation of await integrity.findViolations(db)) {
    const { table, rowId, parent, column } = violation
    yield {
      kind: 'DANGLING_ROW',
      subject: { table, row: `row ${rowId}` },
      detail: `its ${column} refers to a row of ${parent} that does not exist`,
      repairs: isRepairable(violation) ? [{ act: 'REMOVE_REFERENCE', violation }] : [],
    }
  }
}
