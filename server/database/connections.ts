import type { ChangeFeed } from '../changes/change-feed.ts'
import type { Log } from '../log.ts'
import type { Reader } from './reader.ts'
import type { Patience, Writer } from './writer.ts'

/** `log` is told of listeners of changes that fail. Default: errors go to standard error. */
export type OpenOptions = Patience & { log?: Pick<Log, 'error' | 'warn' | 'info'> }

/** The connections to the database. */
export type Database = {
  /** Sees what is committed, and nothing else. Never waits for the writer. */
  db: Reader
  writer: Writer
  /** What has changed in it, whoever changed it. */
  changes: ChangeFeed
  closeDatabase: () => Promise<void>
}
