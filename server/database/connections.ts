import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** The two connections to the database. */
export type Database = {
  /** Sees what is committed, and nothing else. Never waits for the writer. */
  db: Reader
  writer: Writer
  closeDatabase: () => Promise<void>
}
