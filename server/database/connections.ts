import type { ChangeFeed } from '../changes/change-feed.ts'
import type { Log } from '../log.ts'
import type { OpenClient } from './open-client.ts'
import type { Reader } from './reader.ts'
import type { Patience, Writer } from './writer.ts'

/**
 * `log` is told of listeners of changes that fail. Default: errors go to standard error. `openClient` opens the client that
 * reads and the one that writes. Default: a new one each time. `leaderId`: the id of this server while it leads several: then
 * its transactions that write fail with NotLeaderError once another server leads.
 */
export type OpenOptions = Patience & {
  log?: Pick<Log, 'error' | 'warn' | 'info'>
  openClient?: OpenClient
  leaderId?: () => string | null
}

/** The connections to the database. */
export type Database = {
  /** Sees what is committed, and nothing else. Never waits for the writer. */
  db: Reader
  writer: Writer
  /** What has changed in it, whoever changed it. */
  changes: ChangeFeed
  closeDatabase: () => Promise<void>
}
