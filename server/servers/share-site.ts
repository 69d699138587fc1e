import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { SharedDatabase } from '../database/server-lease.ts'
import type { Log } from '../log.ts'
import { sharedAttemptLimits, type AttemptLimits } from '../users/attempt-limits.ts'
import { ServerGroupError } from './server-errors.ts'
import { serverGroup, type ServerGroup } from './server-group.ts'

/** What a server has that shares its site with others. */
export type SharedSite = { group: ServerGroup; limits: AttemptLimits; close: () => Promise<void> }

/** Null: the site has one server. Throws ServerGroupError. */
export function shareSite(
  config: Config,
  database: { share: (() => SharedDatabase) | null },
  log: Log,
): SharedSite | null {
  if (config.servers === 'one') return null
  if (!database.share || config.blobStore === '')
    throw new ServerGroupError(
      '--servers several needs --database-url and --blob-store: all servers use one PostgreSQL and one object store',
    )
  const { lease, pool, close } = database.share()
  return {
    group: serverGroup(config, { clock: systemClock, lease, log }),
    limits: sharedAttemptLimits(pool),
    close,
  }
}
