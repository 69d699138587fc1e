import type { JobId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import type { StoredBuild } from './build-facts.ts'

/** The facts of one job, or those that belong to no job: rows that no build accounts for any more. */
export type Scope = { jobId: JobId } | 'unowned'

export type FactValue = string | number | bigint | boolean | Date | null

/** A row, or some columns of it. */
export type FactRow = Record<string, FactValue>

/** A row that differs from what its definition gives. */
export type Difference = {
  /** The name of the rule. */
  rule: string
  table: string
  key: FactRow
  /** Right values of the columns that differ, or of all columns when the row is missing; null: there must be no row. */
  expected: FactRow | null
  /** The stored values of the same columns; null: the row is missing. */
  found: FactRow | null
}

/**
 * How the facts of a table follow from the stored builds. After any `add` and `remove` the table is as `rebuild` would
 * make it, and `check` finds no difference.
 */
export type FactRule = {
  /** As in `FactRebuild.rule`, e.g. `job-outputs`. */
  name: string
  /** Counts a build. Its row is written already. The cost does not grow with the number of builds. */
  add(tx: Transaction, build: StoredBuild): Promise<void>
  /** Undoes `add`. The build's row is still there; nothing may refer to it afterwards. */
  remove(tx: Transaction, build: StoredBuild): Promise<void>
  /** Writes what differs from the definition, and returns how many rows did. Reads all builds of the scope. */
  rebuild(tx: Transaction, scope: Scope): Promise<number>
  /** Compares the table with its definition, which reads all builds of the scope. */
  check(db: Reader, scope: Scope): Promise<Difference[]>
}
