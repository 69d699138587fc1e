import type { Reader } from './reader.ts'
import type { Transaction } from './writer.ts'

/** A row whose reference leads nowhere. `onDelete` is what the database does when the row that it refers to goes. */
export type Violation = { table: string; rowId: number; parent: string; column: string; onDelete: string }

/** A part of the database that is damaged. `part` is the index or null: unknown. `message` is the database's own. */
export type DamagedPart = { part: string | null; message: string }

/** What an engine can check of its own files, and of references between rows. */
export type Integrity = {
  /** Yields what is damaged. Returns what the operator has to know of the check; null: nothing. */
  findDamage(db: Reader, isQuick: boolean): AsyncGenerator<DamagedPart, string | null, void>
  /** References to rows that do not exist; some thousands at most. */
  findViolations(db: Reader): Promise<Violation[]>
  /**
   * As the database does when the row that is missing is deleted: removes the reference or the row. Looks again whether the
   * reference leads nowhere; null: it does not.
   */
  removeViolation(tx: Transaction, violation: Violation): Promise<'reference' | 'row' | null>
}
